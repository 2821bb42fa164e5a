import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, after, test } from 'node:test';
import { promisify } from 'node:util';
import { packedLinksOf } from './support/packed-links.ts';
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
    import { Form, textField } from 'gale/forms';
    import type { WebSocketConnection } from 'gale/websocket';
    class Story extends RequestHandler {
      get({ id }: { id: string }): void { this.write(id); }
    }
    export const app = new Application([['/story/:id', Story, { name: 'story' }]], { xsrfCookies: true });
    export const person: Person = { id: 'ada', name: 'Ada' };
    export const client = new RoomsClient({ url: 'ws://localhost/socket' });
    class Named extends Form.of({ name: textField({ label: 'Name', required: false }) }) {}
    export const nameOf = (form: Named): string | undefined => form.values.name;
    export const shownBytes = (connection: WebSocketConnection): number => connection.bufferedAmount;
    // @ts-expect-error Members for the package itself are not in its types.
    export const start = (connection: WebSocketConnection): void => connection.onServerClosing();
    // @ts-expect-error A misspelt setting does not compile.
    new Application([], { templatesPath: 'templates' });
  `;
  assert.equal(await compile('program.ts', program), '');
});

test('a project declares the values of sessions for itself, and for one of its applications', async () => {
  const program = `
    import { Application, RequestHandler } from 'gale';
    import { sessions, type Session } from 'gale/sessions';
    declare module 'gale' {
      interface SessionValues {
        visits: number;
      }
    }
    class Page extends RequestHandler {
      get(): void {
        const visits: number = this.session.get('visits') ?? 0;
        this.session.set('visits', visits + 1);
        // @ts-expect-error The declaration does not have this key.
        this.session.set('card', 1);
        // @ts-expect-error The declaration has another type.
        this.session.set('visits', 'many');
      }
    }
    const shop = sessions<{ cart: readonly string[] }>({ maxPerPerson: 5 });
    const cartOf = (session: Session<{ cart: readonly string[] }>): string => (session.get('cart') ?? []).join();
    class Cart extends RequestHandler {
      async get(): Promise<string> {
        const session = shop.sessionOf(this);
        // @ts-expect-error The key of the other declaration.
        session.get('visits');
        await session.all.endOthers('ada', session.handle);
        return cartOf(session);
      }
    }
    export const apps = [
      new Application([['/', Page]], { sessions: sessions() }),
      new Application([['/cart', Cart], ['/text', (_, handler) => cartOf(shop.sessionOf(handler))]], { sessions: shop }),
    ];
  `;
  assert.equal(await compile('sessions.ts', program), '');
});

/** Compiles a program with the types of the built package. @returns What the compiler prints. */
async function compile(file: string, program: string): Promise<string> {
  await writeFile(join(project, file), program);
  const compilerOptions = {
    target: 'es2024',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    types: ['node'],
    lib: ['es2024', 'dom'],
  };
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }));
  const tsc = join(root, 'node_modules/.bin/tsc');
  const { stdout } = await run(tsc, ['-p', project]).catch((error: { stdout: string }) => error);
  return stdout;
}

test('every link in the documents of the tarball has a target there', async () => {
  const packed = join(project, 'packed');
  await mkdir(packed);
  const words = ['pack', '--json', '--offline', '--pack-destination', packed];
  const { stdout } = await run('npm', words, { cwd: join(project, 'node_modules/gale') });
  const [tarball] = JSON.parse(stdout) as [{ filename: string }];
  await run('tar', ['-xzf', join(packed, tarball.filename), '-C', packed]);
  const folder = join(packed, 'package');
  const { count, broken } = await packedLinksOf(folder);
  assert.deepEqual(broken, []);
  assert.ok(count > 200, `${count} links`);
  const readme = await readFile(join(folder, 'README.md'), 'utf8');
  assert.match(readme, /\[A first application\]\(docs\/guide\/first-application\.md\)/);
  // Code is not changed.
  assert.equal(
    (await readFile(join(folder, 'docs/guide/testing.md'), 'utf8')).match(/^```.*?^```/gms)?.join(''),
    (await readFile(join(root, 'docs/guide/testing.md'), 'utf8')).match(/^```.*?^```/gms)?.join(''),
  );
});

for (const [title, installed, expected] of [
  ['missing', undefined, 'typescript is not installed'],
  ['another version', '1.2.3', 'typescript is installed as 1.2.3'],
] as const) {
  test(`a build with packages that are ${title} in node_modules prints one line with the next step`, async (t) => {
    const copy = await mkdtemp(join(tmpdir(), 'gale-build-'));
    t.after(() => rm(copy, { recursive: true, force: true }));
    for (const file of ['gale/build-package.ts', 'gale/package.json', 'package-lock.json', 'package.json']) {
      await cp(join(root, file), join(copy, file));
    }
    if (installed !== undefined) {
      await mkdir(join(copy, 'node_modules/typescript'), { recursive: true });
      await writeFile(join(copy, 'node_modules/typescript/package.json'), JSON.stringify({ version: installed }));
    }
    const failed = (await run(process.execPath, [join(copy, 'gale/build-package.ts')]).catch(
      (error: unknown) => error,
    )) as { code: number; stderr: string; stdout: string };
    assert.equal(failed.code, 1);
    assert.equal(failed.stdout, '');
    assert.match(
      failed.stderr,
      new RegExp(
        `^The package was not built: ${expected}, but package-lock\\.json has [\\d.]+\\. Run npm ci, then try again\\.\\n$`,
      ),
    );
  });
}
