/** Runs the programs of docs/guide/rooms.md. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { programsOf, startProgram, writeJavaScript } from './support/document-program.ts';
import { eventually } from './support/eventually.ts';

const programs = await programsOf('docs/guide/rooms.md');
const [server = '', client = '', inServer = ''] = programs;

test('the client of the guide gets each message from the server of the guide, also those of a run before', async (t) => {
  const { port } = await startProgram(t, server);
  const folder = await writeJavaScript(t, [client]);
  const file = join(folder, 'client.mjs');
  await writeFile(file, (await readFile(file, 'utf8')).replaceAll('8888', String(port)));
  const run = async (lineCount: number): Promise<string[]> => {
    const child = spawn(process.execPath, ['--conditions=gale-source', file], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    try {
      await eventually(
        () => output.split('\n').length > lineCount,
        () => output,
        20_000,
      );
    } finally {
      child.kill();
      await ended;
    }
    return output.trimEnd().split('\n').toSorted();
  };
  const first = ['lobby 1 Ada: Nothing gets lost.', 'nowhere: ROOM_UNKNOWN', 'stored'];
  assert.deepEqual(await run(3), first);
  assert.deepEqual(await run(4), [first[0], 'lobby 2 Ada: Nothing gets lost.', ...first.slice(1)]);
});

test('the server code of the guide publishes and reads', async (t) => {
  const folder = await writeJavaScript(t, [inServer]);
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=gale-source', join(folder, '0.mjs')]);
  assert.equal(stdout, '1 1\n');
});
