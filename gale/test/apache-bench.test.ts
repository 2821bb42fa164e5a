/**
 * Runs Apache's `ab` against two examples: ten thousand requests, three hundred clients at a time. All must succeed. If `ab` is
 * not installed, the tests are skipped with the reason; with `CI=true` they fail.
 */
import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { isDeepStrictEqual, promisify } from 'node:util';
import { root } from './support/repository.ts';

const requestCount = 10_000;
const bodyBytes = 1024;
const isInstalled = spawnSync('ab', ['-V']).status === 0;
const skip = isInstalled || process.env['CI'] === 'true' ? false : 'ab (apache2-utils) is not installed';

/** Starts an example as `npm run example -- NAME` does, on a free port. @returns `http://127.0.0.1:PORT/`. */
async function startExample(t: TestContext, name: string): Promise<string> {
  const words = ['--conditions=gale-source', join(root, 'examples/run.ts'), name, '--port=0'];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(async () => {
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  });
  let output = '';
  for await (const chunk of child.stdout) {
    output += String(chunk);
    const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(output)?.[0];
    if (url !== undefined) return url;
  }
  throw new Error(`${name} ended with ${JSON.stringify(output)}.`);
}

/** A file of one kilobyte for `-p`; removed after the test. */
async function bodyFile(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gale-ab-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'body');
  await writeFile(path, 'x'.repeat(bodyBytes));
  return path;
}

/** Runs `ab` and returns its report as text and by line: `Failed requests` => `0`. */
async function report(...words: string[]): Promise<{ text: string; lines: ReadonlyMap<string, string> }> {
  const { stdout } = await promisify(execFile)('ab', ['-q', '-c', '300', '-n', String(requestCount), ...words]);
  const lines = stdout.matchAll(/^([A-Z][\w\- ]*):\s+(.*)$/gm);
  return { text: stdout, lines: new Map([...lines].map(([, name = '', value = '']) => [name, value])) };
}

for (const example of ['hello', 'http-echo']) {
  for (const isPost of example === 'http-echo' ? [false, true] : [false]) {
    for (const keepsAlive of [false, true]) {
      const title = `${isPost ? 'POST' : 'GET'} to ${example}${keepsAlive ? ' with -k' : ''}`;
      test(`${title}: ab has no failed request and only 2xx responses`, { skip }, async (t) => {
        const words = isPost ? ['-p', await bodyFile(t), '-T', 'text/plain'] : [];
        if (keepsAlive) words.push('-k');
        const { text, lines } = await report(...words, await startExample(t, example));
        const responseBytes = isPost ? bodyBytes : example === 'hello' ? 'Hello, world!'.length : 0;
        const seen = {
          completed: Number(lines.get('Complete requests')),
          failed: lines.get('Failed requests'),
          otherThan2xx: lines.get('Non-2xx responses'),
          keptAlive: Number(lines.get('Keep-Alive requests') ?? 0),
          bodyBytes: parseInt(lines.get('HTML transferred') ?? '', 10),
        };
        const wanted: typeof seen = {
          completed: requestCount,
          failed: '0',
          otherThan2xx: undefined,
          keptAlive: keepsAlive ? requestCount : 0,
          bodyBytes: requestCount * responseBytes,
        };
        if (!isDeepStrictEqual(seen, wanted)) t.diagnostic(text);
        assert.deepEqual(seen, wanted);
      });
    }
  }
}
