/** Runs the programs of docs/guide/room-messages.md. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { freePort } from '../src/testing/free-port.ts';
import { isListenedAt } from '../src/testing/is-listened-at.ts';
import { programsOf, writeJavaScript } from './support/document-program.ts';
import { eventually } from './support/eventually.ts';

const programs = await programsOf('docs/guide/room-messages.md');

interface Program {
  /** Standard output so far. */
  output: string;
  readonly ended: Promise<unknown>;
}

function run(t: TestContext, folder: string, file: string): Program {
  const child = spawn(process.execPath, ['--conditions=gale-source', file], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const program = { output: '', ended: once(child, 'exit') };
  child.stdout.on('data', (chunk) => (program.output += String(chunk)));
  t.after(async () => {
    child.kill();
    await program.ended;
  });
  return program;
}

test('the programs of the guide publish typed messages and read the history', async (t) => {
  const port = await freePort();
  const folder = await writeJavaScript(
    t,
    programs.map((program) => program.replaceAll('8888', String(port))),
  );
  run(t, folder, 'server.mjs');
  await eventually(() => isListenedAt(port), undefined, 20_000);
  const page = run(t, folder, 'page.mjs');
  await eventually(() => page.output.split('\n').length > 3);
  // The refusal and the messages are independent of each other.
  const [refusal, ...messages] = page.output.trim().split('\n').toSorted().toReversed();
  assert.match(refusal ?? '', /^The data of the message is not valid: data\.text: Too small: /);
  assert.deepEqual(messages, ['2 true Hello', '1 false Welcome']);
  const history = run(t, folder, 'history.mjs');
  await history.ended;
  assert.equal(history.output, '2\n1\n');
});

test('the programs of the guide edit and delete a message', async (t) => {
  const port = await freePort();
  const folder = await writeJavaScript(
    t,
    programs.map((program) => program.replaceAll('8888', String(port))),
  );
  run(t, folder, 'editing.mjs');
  await eventually(() => isListenedAt(port), undefined, 20_000);
  const edit = run(t, folder, 'edit.mjs');
  await edit.ended;
  assert.equal(edit.output, '1 Helo\n1 Hello\n1 deleted\n');
});

test('the program of the guide archives a message', async (t) => {
  const folder = await writeJavaScript(t, programs);
  const archive = run(t, folder, 'archive.mjs');
  await archive.ended;
  assert.equal(archive.output, 'lobby 1\n');
});
