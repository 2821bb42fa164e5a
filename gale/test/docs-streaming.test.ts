/** Runs the two programs of docs/guide/streaming.md, each as a process of its own in an empty folder, and checks their types. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { freePort } from '../src/testing/free-port.ts';
import { eventually } from './eventually.ts';
import { root, textOf } from './repository.ts';

const examples = [...(await textOf('docs/guide/streaming.md')).matchAll(/^```ts\n(.*?)^```/gms)].map(
  (match) => match[1] ?? '',
);
const [upload = '', countdown = ''] = examples;

test('the upload of the guide keeps a whole body, and nothing of one that broke off', async (t) => {
  const { port, folder } = await start(t, upload);
  const uploads = join(folder, 'uploads');
  const url = `http://localhost:${port}/uploads`;
  const body = Buffer.alloc(300_000, 'film ');
  const response = await fetch(url, { method: 'POST', body });
  assert.equal(response.status, 201);
  const { id } = (await response.json()) as { id: string };
  assert.ok(body.equals(await readFile(join(uploads, id))));

  assert.equal((await fetch(url, { method: 'POST' })).status, 400);
  const socket = connect(port, 'localhost');
  socket.write('POST /uploads HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf');
  await eventually(async () => (await readdir(uploads)).length === 2);
  socket.destroy();
  await eventually(async () => (await readdir(uploads)).length === 1);
  assert.deepEqual(await readdir(uploads), [id]);
});

test('the countdown of the guide comes in parts', async (t) => {
  const { port } = await start(t, countdown);
  const response = await fetch(`http://localhost:${port}/countdown`);
  // An answer that is sent whole has a Content-Length.
  assert.equal(response.headers.get('transfer-encoding'), 'chunked');
  assert.equal(await response.text(), '3\n2\n1\nLift-off!\n');
});

test('the programs of the guide have the types they should', async (t) => {
  assert.equal(examples.length, 2);
  const folder = await mkdtemp(`${root}gale/test/streaming-`);
  t.after(() => rm(folder, { recursive: true }));
  await Promise.all(examples.map((example, index) => writeFile(join(folder, `${index}.ts`), example)));
  const settings = {
    extends: '../../../tsconfig.json',
    compilerOptions: { isolatedDeclarations: false, declaration: false },
    include: ['*.ts'],
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-p', folder]);
});

/** Starts a program and waits until it listens. */
async function start(t: TestContext, example: string): Promise<{ port: number; folder: string }> {
  const port = await freePort();
  // Inside the repository, so that `gale` is found.
  const cache = join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'streaming-'));
  const file = join(folder, 'example.mjs');
  await writeFile(file, stripTypeScriptTypes(example.replaceAll('8888', String(port))));
  const child = spawn(process.execPath, ['--conditions=gale-source', file], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  t.after(async () => {
    const ended = child.exitCode === null ? once(child, 'exit') : undefined;
    child.kill();
    await ended;
    await rm(folder, { recursive: true });
  });
  const isUp = async (): Promise<boolean> => (await fetch(`http://localhost:${port}/`)).status === 404;
  await eventually(
    () => isUp().catch(() => false),
    () => 'the program does not listen',
    20_000,
  );
  return { port, folder };
}
