/** The scripts `test` and `test:full` report every test, although they end processes that have things open. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root, textOf } from './support/repository.ts';

const preload = '--import=./gale/test/support/whole-output.ts';

test('the results of all tests of a file arrive before its process is ended', async (t) => {
  const { scripts } = JSON.parse(await textOf('package.json')) as { scripts: Record<string, string> };
  for (const name of ['test', 'test:full']) assert.ok(scripts[name]?.includes(preload), name);
  const folder = await mkdtemp(join(tmpdir(), 'gale-whole-output-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'many.test.mjs');
  // More than a pipe holds.
  await writeFile(
    file,
    `import { test } from 'node:test';
for (let number = 0; number < 200; number++) test(String(number), () => { throw new Error('x'.repeat(2000)); });
setInterval(() => {}, 1000);`,
  );
  const env = { ...process.env };
  delete env['NODE_TEST_CONTEXT'];
  const args = [preload, '--test', '--test-force-exit', '--test-reporter=tap', file];
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, { cwd: root, env, maxBuffer: 2 ** 26 }, (_error, stdout) => resolve(stdout));
  });
  assert.match(output, /^# tests 200$/m);
  assert.match(output, /^# fail 200$/m);
});
