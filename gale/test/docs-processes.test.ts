/** Runs the program of docs/guide/processes.md as a process of its own, and checks its types. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { freePort } from '../src/testing/free-port.ts';
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
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  assert.equal(line.toString(), `2 processes at http://localhost:${port}/\n`);
  const answers = new Set<string>();
  while (answers.size < 2) {
    const response = await fetch(`http://localhost:${port}/`, { headers: { connection: 'close' } });
    answers.add(await response.text());
  }
  for (const answer of answers) assert.match(answer, /^Hello from process \d+\n$/);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);

  const compilerOptions = { isolatedDeclarations: false, declaration: false };
  const settings = { extends: '../../../tsconfig.json', compilerOptions, include: ['*.ts'] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-p', folder]);
});
