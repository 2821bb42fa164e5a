/** Runs the tests of docs/guide/testing.md. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { programsOf, writeJavaScript } from './support/document-program.ts';

const programs = await programsOf('docs/guide/testing.md');

test('the tests of the guide pass', async (t) => {
  assert.equal(programs.length, 3);
  const folder = await writeJavaScript(t, programs);
  // Its own results must not be read as those of this test.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const words = ['--conditions=gale-source', '--test', '--test-reporter=tap', '--test-timeout=20000', 'app.test.mjs'];
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: folder, env });
  assert.match(stdout, /^# pass 8$/m);
  await promisify(execFile)(process.execPath, ['--conditions=gale-source', 'rooms.mjs'], { cwd: folder, env });
});
