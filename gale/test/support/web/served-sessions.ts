/** An application whose one handler runs what a test gives it, with the session of the request. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SessionBrowser } from './session-browser.ts';
import { serve, type Served } from './web-server.ts';
import type { FunctionContext } from '../../../src/web/route.ts';
import { MemorySessionStore } from '../../../src/web/sessions/memory/memory-session-store.ts';
import type { SaveResult } from '../../../src/web/sessions/session-store.ts';
import type { Session } from '../../../src/web/sessions/session.ts';
import { sessions, type Sessions } from '../../../src/web/sessions/sessions.ts';
import type { SessionsOptions } from '../../../src/web/sessions/sessions-options.ts';
import { SqliteSessionStore } from '../../../src/web/sessions/sqlite/sqlite-session-store.ts';
import type { Settings } from '../../../src/web/settings.ts';

/** When the clock of {@link startSessions} starts, in milliseconds since 1970. */
export const start = 1_700_000_000_000;
export const dayMs = 86_400_000;

/** Runs a step with the session of the request, and responds with what it returns, as JSON. */
type Step = (session: Session, handler: FunctionContext) => unknown;

/** A running application with sessions. */
export interface Started {
  readonly served: Served;
  readonly all: Sessions;
  /** Runs a step in a request of this browser. */
  run(browser: SessionBrowser, step: Step): Promise<unknown>;
  browser(): SessionBrowser;
  pass(ms: number): void;
}

/** Starts an application with sessions and a clock of its own. Its end is that of the test. */
export async function startSessions(
  t: TestContext,
  options: SessionsOptions = {},
  settings: Settings = {},
): Promise<Started> {
  let now = start;
  let current: Step | undefined;
  const all = sessions(options);
  t.after(() => all.close());
  const served = await serve(
    t,
    [
      ['/', async (_, handler) => ({ result: (await current?.(handler.session, handler)) ?? null })],
      ['/plain', () => 'plain'],
      ['/keys', (_, { session }) => ({ keys: session.keys() })],
    ],
    { sessions: all, now: () => now, ...settings },
  );
  return {
    served,
    all,
    run: async (browser, step) => {
      current = step;
      return (JSON.parse(await browser.text('/')) as { readonly result: unknown }).result;
    },
    browser: () => new SessionBrowser(served),
    pass: (ms) => (now += ms),
  };
}

/** A store in memory that refuses writes while `isFull`. */
export class FullStore extends MemorySessionStore {
  isFull = false;

  override save(...parameters: Parameters<MemorySessionStore['save']>): SaveResult {
    if (this.isFull) throw new Error('no space left');
    return super.save(...parameters);
  }
}

/** A store in memory whose writes are asynchronous. */
export class SlowStore extends MemorySessionStore {
  override save(...parameters: Parameters<MemorySessionStore['save']>): SaveResult {
    const save = super.save.bind(this);
    // Sessions accept promises from every store.
    return nextTurn().then(() => save(...parameters)) as unknown as SaveResult;
  }
}

/** A store in a file that is removed after the test. */
export async function openSqlite(t: TestContext): Promise<SqliteSessionStore> {
  const folder = await mkdtemp(join(tmpdir(), 'gale-sessions-'));
  t.after(() => rm(folder, { recursive: true }));
  return SqliteSessionStore.open({ path: join(folder, 'sessions.sqlite') });
}
