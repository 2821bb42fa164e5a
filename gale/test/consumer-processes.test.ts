/** Consumers in processes that are killed and stopped: nothing that was acknowledged is missing from what was archived. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { redisMissing, startRedis } from 'gale/testing';
import { eventually } from './support/eventually.ts';

interface Server {
  readonly process: ChildProcess;
  /** What it sent. */
  readonly words: string[];
}

interface Trial {
  /** Starts a server that publishes a number of messages and ends at a step, if one is given. */
  start(count: number, step?: string, at?: number): Server;
  lines(file: 'acknowledged' | 'archive'): string[];
  /** Waits until everything acknowledged is archived, and checks the order of what is new in each room. */
  assertComplete(): Promise<void>;
}

function openTrial(t: TestContext, kind: 'sqlite' | 'redis', place?: string): Trial {
  const folder = mkdtempSync(join(tmpdir(), 'gale-consumer-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const program = new URL('support/processes/consumer-process.ts', import.meta.url);
  const lines = (file: string): string[] => {
    try {
      return readFileSync(join(folder, file), 'utf8').split('\n').slice(0, -1);
    } catch (error) {
      if ((error as { code?: string }).code === 'ENOENT') return [];
      throw error;
    }
  };
  const archived = (): string[][] => lines('archive').map((line) => line.split(':'));
  return {
    lines,
    start(count, step = '', at = 0) {
      const args = [kind, place ?? join(folder, 'rooms.sqlite'), folder, String(count), step, String(at)];
      const child = fork(program, args, { execArgv: ['--conditions=gale-source'] });
      const words: string[] = [];
      child.on('message', (word) => void words.push(String(word)));
      t.after(() => child.kill('SIGKILL'));
      return { process: child, words };
    },
    async assertComplete() {
      await eventually(() => {
        const ids = new Set(archived().map(([room, id]) => `${room}:${id}`));
        return lines('acknowledged').every((line) => ids.has(line));
      });
      const tops = new Map<string, number>();
      for (const [room, , epoch, offset] of archived()) {
        const top = tops.get(`${room} ${epoch}`) ?? 0;
        assert.ok(Number(offset) <= top + 1, `${room} has a gap after ${top}: ${offset}`);
        tops.set(`${room} ${epoch}`, Math.max(top, Number(offset)));
      }
    },
  };
}

/** Kills a server at each step, then lets one finish. */
async function killAtEachStep({ start, lines, assertComplete }: Trial): Promise<void> {
  for (const step of ['read', 'stored', 'saved']) {
    for (const at of [1, 4]) {
      const server = start(400, step, at);
      const [, signal] = (await once(server.process, 'exit')) as [unknown, string];
      assert.equal(signal, 'SIGKILL');
    }
  }
  const acknowledged = lines('acknowledged').length;
  assert.ok(acknowledged > 20, `${acknowledged} were acknowledged`);
  const last = start(100);
  await eventually(() => last.words.includes('published'));
  await assertComplete();
}

test('SQLite: a server that is killed at any step of its consumer loses nothing for it', async (t) => {
  await killAtEachStep(openTrial(t, 'sqlite'));
});

const skip = redisMissing();

test('Redis: a server that is killed at any step of its consumer loses nothing for it', { skip }, async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  await killAtEachStep(openTrial(t, 'redis', redis.url));
});

test(
  'Redis: another server continues for one that is stopped, which then has lost the consumer',
  { skip },
  async (t) => {
    const redis = await startRedis();
    t.after(() => redis.stop());
    const { start, lines, assertComplete } = openTrial(t, 'redis', redis.url);
    const first = start(60);
    await eventually(() => first.words.includes('published') && first.words.includes('stored'));
    await assertComplete();
    first.process.kill('SIGSTOP');
    const second = start(60);
    await eventually(() => second.words.includes('published') && second.words.includes('stored'));
    assert.equal(lines('acknowledged').length, 120);
    await assertComplete();
    first.process.kill('SIGCONT');
    await eventually(() => first.words.includes('lost'));
    second.process.kill('SIGKILL');
    start(30);
    await eventually(() => lines('acknowledged').length === 150);
    await assertComplete();
  },
);

test('Redis: nothing is missing after a server and then Redis are killed while people publish', { skip }, async (t) => {
  const redis = await startRedis({ appendOnly: true });
  t.after(() => redis.stop());
  const { start, lines, assertComplete } = openTrial(t, 'redis', redis.url);
  const [one, other] = [start(150), start(150)];
  await eventually(() => [one, other].every(({ words }) => words.includes('open')));
  await eventually(() => [one, other].some(({ words }) => words.includes('stored')));
  const [reader, writer] = one.words.includes('stored') ? [one, other] : [other, one];
  reader.process.kill('SIGKILL');
  await redis.kill();
  await redis.restart();
  await eventually(() => writer.words.includes('published'));
  assert.ok(lines('acknowledged').length >= 150);
  await assertComplete();
});
