/**
 * Tests the package as users get it: builds and packs it, installs the tarball into an empty project outside of the repository,
 * checks its types, and runs it on the oldest and the newest Node.js, on Bun and on Deno. Needs the npm registry.
 */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { glob, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { freePort } from '../src/testing/free-port.ts';
import { isListenedAt } from '../src/testing/is-listened-at.ts';
import { programsOf } from './support/document-program.ts';
import { eventually } from './support/eventually.ts';
import { packedLinksOf } from './support/packed-links.ts';
import { root } from './support/repository.ts';

const execute = promisify(execFile);
/** Programs that only these tests install: too large for every `npm ci`. */
const tools = ['node@22.19.0', 'bun@1.4.5', 'deno@2.9.6', 'publint@0.3.25', '@arethetypeswrong/cli@0.18.5'];

let folder = '';
let tarball = '';

const project = (): string => join(folder, 'project');
const tool = (name: string): string => join(folder, 'tools/node_modules/.bin', name);

/** Removes npm's variables for this repository, which would affect npm in another folder. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_(?:package|lifecycle|config_local)/i.test(name)),
);

async function npm(cwd: string, ...words: readonly string[]): Promise<string> {
  const { stdout } = await execute('npm', [...words], { cwd, env: environment, maxBuffer: 16 * 1024 * 1024 });
  return stdout;
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gale-package-'));
  await execute(process.execPath, [join(root, 'gale/build-package.ts'), join(folder, 'package')]);
  const [packed] = JSON.parse(await npm(join(folder, 'package'), 'pack', '--json', '--pack-destination', folder)) as [
    { filename: string },
  ];
  tarball = join(folder, packed.filename);
  await mkdir(project());
  await npm(project(), 'init', '-y');
  await npm(project(), 'pkg', 'set', 'type=module');
  const types = ['typescript@7.0.2', '@types/node@26.6.6'];
  await npm(project(), 'install', '--no-audit', '--no-fund', tarball, '@redis/client@6', ...types);
  await mkdir(join(folder, 'tools'));
  // Install scripts of the packages download the programs of the platform.
  const allowed = { node: true, bun: true, deno: true };
  await writeFile(join(folder, 'tools/package.json'), JSON.stringify({ private: true, allowScripts: allowed }));
  await npm(join(folder, 'tools'), 'install', '--no-audit', '--no-fund', ...tools);
});
after(() => rm(folder, { recursive: true, force: true }));

test('the tarball contains the files for users and none for the repository', async () => {
  const installed = join(project(), 'node_modules/gale');
  const text = await readFile(join(installed, 'package.json'), 'utf8');
  assert.doesNotMatch(text, /gale-source|scripts|devDependencies|workspaces|dist-package/);
  const { exports, repository } = JSON.parse(text) as {
    exports: Record<string, Record<string, string> | string>;
    repository: object;
  };
  const source = JSON.parse(await readFile(join(root, 'gale/package.json'), 'utf8')) as { exports: object };
  assert.deepEqual(Object.keys(exports), [...Object.keys(source.exports), './package.json']);
  assert.deepEqual(repository, { type: 'git', directory: 'gale' });
  assert.match(await readFile(join(installed, 'LICENSE'), 'utf8'), /Apache License/);
  const readme = await readFile(join(installed, 'README.md'), 'utf8');
  assert.match(readme, /npm install gale\n/);
  assert.match(readme, /"type": "module"/);
  assert.deepEqual((await packedLinksOf(installed)).broken, []);
  const files: string[] = [];
  for await (const file of glob('**/*', { cwd: installed })) files.push(file);
  assert.deepEqual(
    files.filter((file) => /\.test|test-d|suite/.test(file)),
    [],
  );
  const compiled = files.filter((file) => /^dist\/.*\.js$/.test(file));
  assert.ok(compiled.length > 100);
  for (const file of compiled) {
    for (const map of [`${file}.map`, file.replace(/\.js$/, '.d.ts.map')]) {
      const { sources } = JSON.parse(await readFile(join(installed, map), 'utf8')) as { sources: string[] };
      assert.equal(sources.length, 1, map);
      await readFile(join(installed, dirname(map), sources[0] ?? ''));
    }
  }
});

test('build-package writes homepage, bugs and repository for REPOSITORY_URL', async () => {
  const other = join(folder, 'addressed');
  await execute(process.execPath, [join(root, 'gale/build-package.ts'), other], {
    env: { ...process.env, REPOSITORY_URL: 'https://git.example/gale.git' },
  });
  const { homepage, bugs, repository } = JSON.parse(await readFile(join(other, 'package.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  assert.equal(homepage, 'https://git.example/gale#readme');
  assert.deepEqual(bugs, { url: 'https://git.example/gale/issues' });
  assert.deepEqual(repository, { type: 'git', url: 'git+https://git.example/gale.git', directory: 'gale' });
});

test('npm publish in gale/ is refused and names the folder to publish', async () => {
  await assert.rejects(npm(join(root, 'gale'), 'publish', '--dry-run'), (error: Error & { stderr: string }) => {
    assert.match(error.stderr, /Publish the folder gale\/dist-package, which npm run build writes/);
    return true;
  });
});

test('npx gale runs the command of the package', async () => {
  const run = async (...words: readonly string[]): Promise<string> =>
    (await execute('npx', ['gale', ...words], { cwd: project(), env: environment })).stdout;
  assert.match(await run('secret'), /^[\w-]{43}\n$/);
  const { version } = JSON.parse(await readFile(join(project(), 'node_modules/gale/package.json'), 'utf8')) as {
    version: string;
  };
  assert.equal(await run('--version'), `${version}\n`);
  const program =
    "import { Application } from 'gale';\nexport const app = new Application([['/hello', () => 'Hello']]);\n";
  await writeFile(join(project(), 'listed.js'), program);
  assert.match(await run('routes', 'listed.js'), /^GET, HEAD  \/hello        \(function\)$/m);
  await mkdir(join(project(), 'pages'));
  await writeFile(join(project(), 'pages/a.html'), "{{ _('Hello') }}");
  assert.equal(await run('templates', 'check', 'pages'), '');
  await run('messages', 'pages', '--out=de.po');
  assert.match(await readFile(join(project(), 'de.po'), 'utf8'), /^#: pages\/a\.html:1\nmsgid "Hello"\nmsgstr ""\n/m);
});

test('publint and attw report no problem of the tarball', async () => {
  const { stdout } = await execute(tool('publint'), [tarball, '--strict']);
  assert.match(stdout, /All good!/);
  await execute(tool('attw'), [tarball, '--profile', 'esm-only'], { env: environment });
});

test('a strict project compiles the programs of the README, including the declarations of the package', async () => {
  const programs = await programsOf('README.md');
  const files = await Promise.all(
    programs.map(async (program, index) => {
      await writeFile(join(project(), `readme-${index}.ts`), program);
      return `readme-${index}.ts`;
    }),
  );
  await writeFile(
    join(project(), 'redis.ts'),
    `import { RedisBroker } from 'gale/redis';\nimport { startRedis } from 'gale/testing';\nexport default [RedisBroker, startRedis];\n`,
  );
  const compilerOptions = { target: 'es2024', module: 'nodenext', strict: true, noEmit: true, types: ['node'] };
  await writeFile(join(project(), 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [...files, 'redis.ts'] }));
  const { stdout } = await execute(join(project(), 'node_modules/.bin/tsc'), ['-p', project()]).catch(
    (error: { stdout: string }) => error,
  );
  assert.equal(stdout, '');
});

/** Runs a program of the project until the end of the test. */
function start(t: TestContext, command: readonly string[], file: string): { output(): string } {
  const [program = '', ...words] = command;
  const child = spawn(program, [...words, file], { cwd: project(), stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { output: () => output };
}

const sqliteProgram = `
  import { Rooms, SqliteBroker } from 'gale';
  const path = process.argv[2];
  for (const id of ['1', '2']) {
    const broker = await SqliteBroker.open({ path });
    const second = await SqliteBroker.open({ path }).catch((error) => error.code);
    const rooms = new Rooms(broker);
    const entries = [0, 1, 2].map((part) => ({ id: id + part, author: { id: 'ada', name: 'Ada' }, data: id + part }));
    const published = await Promise.all(entries.map((entry) => rooms.publish('lobby', entry)));
    const page = await broker.read('lobby', 0, { count: 100, bytes: 100_000 });
    console.log(second, published.map(({ offset }) => offset).join(), page.messages.map(({ data }) => data).join());
    await rooms.close();
    await broker.close();
  }
  console.log('closed');
`;

for (const [runtime, command] of [
  ['Node.js 26', () => [process.execPath]],
  ['Node.js 22.19', () => [tool('node')]],
  ['Bun', () => [tool('bun')]],
  ['Deno', () => [tool('deno'), 'run', '--allow-all']],
] as const) {
  test(`the hello program of the README runs on ${runtime}`, async (t) => {
    const [hello = ''] = await programsOf('README.md');
    const port = await freePort();
    const file = `hello-${port}.ts`;
    await writeFile(join(project(), file), hello.replaceAll('8888', String(port)));
    const { output } = start(t, command(), file);
    await eventually(() => isListenedAt(port), output, 60_000);
    assert.equal(await (await fetch(`http://localhost:${port}/hello/Ada`)).text(), 'Hello, Ada!');
  });

  test(`the room program of the README stores a message on ${runtime}`, async (t) => {
    const [, room = ''] = await programsOf('README.md');
    const port = await freePort();
    const file = `room-${port}.ts`;
    await writeFile(join(project(), file), room.replaceAll('8888', String(port)));
    const { output } = start(t, command(), file);
    await eventually(() => output().includes('lobby 1 Ada: Nothing gets lost.\n'), output, 60_000);
  });

  test(`a SqliteBroker keeps messages on ${runtime}, and only one program at a time can open its file`, async (t) => {
    const name = runtime.replaceAll(/\W/g, '');
    await writeFile(join(project(), `sqlite-${name}.js`), sqliteProgram.replace('process.argv[2]', `'${name}.sqlite'`));
    const { output } = start(t, command(), `sqlite-${name}.js`);
    await eventually(() => output().includes('closed\n'), output, 60_000);
    const lines = output()
      .split('\n')
      .filter((line) => line.startsWith('ROOM'));
    assert.deepEqual(lines, ['ROOM_STORE_IN_USE 1,2,3 10,11,12', 'ROOM_STORE_IN_USE 4,5,6 10,11,12,20,21,22']);
  });
}
