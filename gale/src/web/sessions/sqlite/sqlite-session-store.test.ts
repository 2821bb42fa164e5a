import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { RecordedLog } from '../../../../test/support/recorded-log.ts';
import { testSessionStore } from '../../../../test/support/web/session-store-suite.ts';
import { SqliteSessionStore } from './sqlite-session-store.ts';

async function newPath(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gale-sessions-'));
  t.after(() => rm(folder, { recursive: true }));
  return join(folder, 'sessions.sqlite');
}

testSessionStore('sqlite', {
  runs: 15,
  open: async (t) => SqliteSessionStore.open({ path: await newPath(t), log: new RecordedLog() }),
});
