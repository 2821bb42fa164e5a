/** Runs the program of docs/guide/processes.md as a process of its own, and checks its types. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { checkTypes, programsOf, startProgram } from './support/document-program.ts';
import { eventually } from './support/eventually.ts';

const [program = ''] = await programsOf('docs/guide/processes.md');

test('the program of the guide serves from two processes, ends with 0, and has the types it should', async (t) => {
  const { child, port } = await startProgram(t, program);
  const ended = once(child, 'exit');
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  await eventually(
    () => output.includes('\n') || child.exitCode !== null,
    () => `a line from the program: ${output}`,
  );
  assert.equal(output, `2 processes at http://localhost:${port}/\n`);
  const answers = new Set<string>();
  const ask = async (): Promise<boolean> => {
    const response = await fetch(`http://localhost:${port}/`, { headers: { connection: 'close' } });
    answers.add(await response.text());
    return answers.size >= 2;
  };
  await eventually(ask, () => `answers of two processes: ${[...answers].join('')}`);
  for (const answer of answers) assert.match(answer, /^Hello from process \d+\n$/);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);

  await checkTypes(t, [program]);
});
