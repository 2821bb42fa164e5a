import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { freePort } from '../src/testing/free-port.ts';
import { root, textOf } from './repository.ts';

/** The TypeScript examples of the README, in order. */
const examples = [...(await textOf('README.md')).matchAll(/^```ts\n(.*?)^```/gms)].map((match) => match[1] ?? '');

test('the README has the hello and the room', () => {
  assert.equal(examples.length, 2);
});

test('hello of the README greets by the name in the path, in ten lines', async (t) => {
  const [hello = ''] = examples;
  assert.ok(hello.trim().split('\n').length <= 10, hello);
  const { port } = await start(t, hello);
  const response = await fetchWhenUp(`http://localhost:${port}/hello/%E5%BC%A0%E4%B8%89`);
  assert.equal(response, 'Hello, 张三!');
});

test('the room of the README stores a message and gives it to its client, in thirty lines', async (t) => {
  const [, room = ''] = examples;
  assert.ok(room.trim().split('\n').length <= 30, room);
  const { child } = await start(t, room);
  for await (const chunk of child.stdout) {
    assert.equal(String(chunk), 'lobby 1 Ada: Nothing gets lost.\n');
    return;
  }
  assert.fail('it ended without a word');
});

test('the examples of the README have the types they should', async (t) => {
  const folder = await mkdtemp(`${root}gale/test/readme-`);
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

async function start(
  t: TestContext,
  example: string,
): Promise<{ port: number; child: ChildProcessByStdio<null, Readable, null> }> {
  const port = await freePort();
  // Inside the repository, so that `gale` is found.
  const cache = join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'readme-'));
  const file = join(folder, 'example.mjs');
  await writeFile(file, stripTypeScriptTypes(example.replaceAll('8888', String(port))));
  const child = spawn(process.execPath, ['--conditions=gale-source', file], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(async () => {
    const ended = child.exitCode === null ? once(child, 'exit') : undefined;
    child.kill();
    await ended;
    await rm(folder, { recursive: true });
  });
  return { port, child };
}

async function fetchWhenUp(url: string): Promise<string> {
  for (const deadline = Date.now() + 20_000; ;) {
    try {
      return await (await fetch(url)).text();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
