import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, after, test } from 'node:test';
import { promisify } from 'node:util';
import { root } from './support/repository.ts';

const run = promisify(execFile);
/** A project folder inside the repository, so that the dependencies of the package resolve. */
let project = '';

before(async () => {
  const cache = join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  project = await mkdtemp(join(cache, 'package-'));
  await run(process.execPath, [join(root, 'gale/build-package.ts'), join(project, 'node_modules/gale')]);
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
});
after(() => rm(project, { recursive: true, force: true }));

test('the built package serves requests, keeps rooms in SQLite, and is used instead of its source', async () => {
  const program = `
    import { Application, RequestHandler, Rooms, SqliteBroker } from 'gale';
    import { RoomsClient } from 'gale/client';
    import { RedisBroker } from 'gale/redis';
    class Hello extends RequestHandler {
      get({ name }) { this.write('Hello, ' + name + '!'); }
    }
    const server = await new Application([['/hello/:name', Hello]]).listen(0, '127.0.0.1');
    const greeting = await (await fetch('http://127.0.0.1:' + server.port + '/hello/Ada')).text();
    await server.close();
    const broker = await SqliteBroker.open({ path: 'rooms.sqlite' });
    const rooms = new Rooms(broker);
    const { offset } = await rooms.publish('lobby', { id: '1', author: { id: 'ada', name: 'Ada' }, data: 'hi' });
    await rooms.close();
    await broker.close();
    console.log(JSON.stringify([greeting, offset, typeof RoomsClient, typeof RedisBroker, import.meta.resolve('gale')]));
  `;
  await writeFile(join(project, 'program.js'), program);
  const { stdout, stderr } = await run(process.execPath, ['program.js'], { cwd: project });
  assert.equal(stderr, '');
  const [greeting, offset, client, redis, file] = JSON.parse(stdout) as [string, number, string, string, string];
  assert.deepEqual([greeting, offset, client, redis], ['Hello, Ada!', 1, 'function', 'function']);
  assert.match(file, /\/dist\/index\.js$/);
});

test('a strict project compiles with the types of the built package', async () => {
  const program = `
    import { Application, RequestHandler, type Person } from 'gale';
    import { RoomsClient } from 'gale/client';
    import type { WebSocketConnection } from 'gale/websocket';
    class Story extends RequestHandler {
      get({ id }: { id: string }): void { this.write(id); }
    }
    export const app = new Application([['/story/:id', Story, { name: 'story' }]], { xsrfCookies: true });
    export const person: Person = { id: 'ada', name: 'Ada' };
    export const client = new RoomsClient({ url: 'ws://localhost/socket' });
    export const shownBytes = (connection: WebSocketConnection): number => connection.bufferedAmount;
    // @ts-expect-error Members for the package itself are not in its types.
    export const start = (connection: WebSocketConnection): void => connection.onServerClosing();
    // @ts-expect-error A misspelt setting does not compile.
    new Application([], { templatesPath: 'templates' });
  `;
  await writeFile(join(project, 'program.ts'), program);
  const compilerOptions = {
    target: 'es2024',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    types: ['node'],
    lib: ['es2024', 'dom'],
  };
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  const tsc = join(root, 'node_modules/.bin/tsc');
  const { stdout } = await run(tsc, ['-p', project]).catch((error: { stdout: string }) => error);
  assert.equal(stdout, '');
});
