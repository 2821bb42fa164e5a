/** Runs the program of docs/guide/processes.md in a separate process. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { programsOf, startProgram } from './support/document-program.ts';
import { eventually } from './support/eventually.ts';

const [program = ''] = await programsOf('docs/guide/processes.md');

test('the program of the guide compiles, serves from two processes and exits with code 0', async (t) => {
  const { child, port } = await startProgram(t, program);
  const ended = once(child, 'exit');
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  await eventually(
    () => output.includes('\n') || child.exitCode !== null,
    () => `a line from the program: ${output}`,
  );
  assert.equal(output, `2 processes at http://localhost:${port}/\n`);
  const bodies = new Set<string>();
  const hasBoth = async (): Promise<boolean> => {
    const response = await fetch(`http://localhost:${port}/`, { headers: { connection: 'close' } });
    bodies.add(await response.text());
    return bodies.size >= 2;
  };
  await eventually(hasBoth, () => `responses of two processes: ${[...bodies].join('')}`);
  for (const body of bodies) assert.match(body, /^Hello from process \d+\n$/);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
});
