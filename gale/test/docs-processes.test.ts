/** Runs the program of docs/guide/processes.md as a process of its own, and checks its types. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { freePort } from '../src/testing/free-port.ts';
import { eventually } from './eventually.ts';
import { root, textOf } from './repository.ts';

const [program = ''] = [...(await textOf('docs/guide/processes.md')).matchAll(/^```ts\n(.*?)^```/gms)].map(
  (match) => match[1] ?? '',
);

test('the program of the guide serves from two processes, ends with 0, and has the types it should', async (t) => {
  const folder = await mkdtemp(`${root}gale/test/processes-`);
  t.after(() => rm(folder, { recursive: true }));
  const port = await freePort();
  const file = join(folder, 'program.ts');
  await writeFile(file, program.replaceAll('8888', String(port)));
  const child = spawn(process.execPath, ['--conditions=gale-source', file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  t.after(() => child.kill('SIGKILL'));
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

  const compilerOptions = { isolatedDeclarations: false, declaration: false };
  const settings = { extends: '../../../tsconfig.json', compilerOptions, include: ['*.ts'] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-p', folder]);
});
