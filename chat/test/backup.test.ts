/** `npm run chat -- backup` and `restore`. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFile, cp, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { redisMissing, startRedis } from 'gale/testing';
import {
  manyMessages,
  runServer,
  startServer,
  temporaryFolder,
  Visitor,
  type ServerProcess,
} from './support/chat-server.ts';
import { RawSocket } from './support/raw-socket.ts';
import { runCommand as chat } from './support/run-command.ts';

async function serve(t: TestContext, data: string): Promise<ServerProcess> {
  return startServer(t, { args: [`--data=${data}`, ...manyMessages] });
}

/** The data folder of a server on which Ann registered, and a backup of it. */
async function annAndCopy(
  t: TestContext,
): Promise<{ readonly folder: string; readonly data: string; readonly copy: string }> {
  const folder = await temporaryFolder(t);
  const [data, copy] = [join(folder, 'data'), join(folder, 'copy')];
  const server = await serve(t, data);
  await new Visitor(t, server.url).register('Ann');
  await server.end('SIGTERM');
  assert.equal((await chat('backup', `--data=${data}`, `--to=${copy}`)).code, 0);
  return { folder, data, copy };
}

/** The ids of the messages of the lobby. */
async function idsOf(visitor: Visitor): Promise<unknown[]> {
  const socket = await RawSocket.open(visitor);
  const { top } = (await socket.do('subscribe', { room: 'lobby' })) as unknown as { top: number };
  if (top > 0) await socket.frame({ type: 'message', offset: top });
  return socket.frames.filter(({ type }) => type === 'message').map(({ id }) => id);
}

test('a backup removes what a killed one left a day ago under another name, and nothing else', async (t) => {
  const { folder, data } = await annAndCopy(t);
  const before = new Date(Date.now() - 25 * 60 * 60 * 1000);
  for (const [name, file, isOld] of [
    ['.killed.partial', 'database.sqlite', true],
    ['.running.partial', 'database.sqlite', false],
    ['.own.partial', 'notes.txt', true],
    ['killed.partial', 'database.sqlite', true],
  ] as const) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, file), 'x');
    if (isOld) for (const path of [join(folder, name, file), join(folder, name)]) await utimes(path, before, before);
  }
  assert.equal((await chat('backup', `--data=${data}`, `--to=${join(folder, 'next')}`)).code, 0);
  const left = (await readdir(folder)).filter((name) => name.endsWith('.partial'));
  assert.deepEqual(left.toSorted(), ['.own.partial', '.running.partial', 'killed.partial']);
});

test('a backup of a running server contains everything acknowledged before it, and can be restored', async (t) => {
  const folder = await temporaryFolder(t);
  const [data, copy] = [join(folder, 'data'), join(folder, 'copies', 'monday')];
  const server = await serve(t, data);
  const ann = new Visitor(t, server.url);
  await ann.register('Ann');
  const socket = await RawSocket.open(ann);
  let count = 0;
  const publish = async (): Promise<void> =>
    void (await socket.do('publish', { room: 'lobby', id: `m${++count}`, data: { text: 'hello' } }));
  for (let number = 1; number <= 20; number++) await publish();
  // It goes on during the backup.
  const over = new AbortController();
  const going = (async () => {
    for (let number = 1; number <= 70 && !over.signal.aborted; number++) await publish();
  })();
  const made = await chat('backup', `--data=${data}`, `--to=${copy}`);
  over.abort();
  await going;
  assert.deepEqual([made.code, made.errors], [0, '']);
  assert.match(made.output, /^Copied \d files with \d+ bytes to .*monday\n$/);
  assert.equal((await stat(copy)).mode & 0o777, 0o700);
  assert.deepEqual(await readdir(join(folder, 'copies')), ['monday']);

  const refused = await chat('restore', `--from=${copy}`, `--data=${data}`);
  assert.deepEqual([refused.code, refused.output], [1, '']);
  assert.match(refused.errors, /data is in use by a server; stop it before a restore\.\n$/);
  await new Visitor(t, server.url).register('Bob');
  await server.end('SIGTERM');

  const restored = await chat('restore', `--from=${copy}`, `--data=${data}`);
  assert.deepEqual([restored.code, restored.errors], [0, '']);
  const before = /the data before is in (.*)\n/.exec(restored.output)?.[1] ?? '';
  assert.ok((await readdir(before)).includes('database.sqlite'));
  const again = await serve(t, data);
  ann.url = again.url;
  const ids = await idsOf(ann);
  assert.ok(ids.length >= 20, `${ids.length}`);
  assert.deepEqual(
    ids,
    ids.map((_, index) => `m${index + 1}`),
  );
  // Bob came after the backup.
  await new Visitor(t, again.url).register('Bob');
});

test('a restore that ended in the middle is completed by the next one, and no server starts between', async (t) => {
  const { folder, data, copy } = await annAndCopy(t);
  await cp(data, join(folder, 'was'), { recursive: true });
  // What a restore leaves that ended after its first move.
  await writeFile(join(data, 'restore-not-finished'), 'before-restore-2026-11-27-030000\n');
  await cp(join(data, 'database.sqlite'), join(data, 'before-restore-2026-11-27-030000', 'database.sqlite'));
  await rm(join(data, 'database.sqlite'));
  const refused = await runServer(t, { args: ['--port=0', `--data=${data}`] });
  assert.equal(refused.code, 1);
  assert.match(
    refused.errors,
    /^A restore of .* did not end; run it again: npm run chat -- restore --from=… --data=….\n$/,
  );
  const restored = await chat('restore', `--from=${copy}`, `--data=${data}`);
  assert.deepEqual([restored.code, restored.errors], [0, '']);
  const kept = join(data, 'before-restore-2026-11-27-030000');
  for (const name of ['database.sqlite', 'rooms.sqlite', 'cookie-secret']) {
    assert.deepEqual(await readFile(join(kept, name)), await readFile(join(folder, 'was', name)), name);
  }
  assert.deepEqual(
    (await readdir(data)).filter((name) => /restor/.test(name)),
    ['before-restore-2026-11-27-030000'],
  );
  await new Visitor(t, (await serve(t, data)).url).logIn('Ann');
});

test('a backup that is not complete, or not one, is refused and changes nothing', async (t) => {
  const { folder, data, copy } = await annAndCopy(t);
  const contents = async (): Promise<Buffer[]> =>
    Promise.all((await readdir(data)).toSorted().map((name) => readFile(join(data, name))));
  const before = await contents();
  const restore = async (from: string): Promise<string> => {
    const { code, errors } = await chat('restore', `--from=${from}`, `--data=${data}`);
    assert.equal(code, 1);
    assert.deepEqual(await contents(), before);
    return errors;
  };
  assert.match(
    await restore(join(folder, 'nothing')),
    /nothing is not a backup of the chat: backup\.json cannot be read \(ENOENT\)/,
  );
  assert.match(await restore(data), /is not a backup of the chat/);
  await appendFile(join(copy, 'rooms.sqlite'), 'x');
  assert.match(
    await restore(copy),
    /rooms\.sqlite differs from what backup\.json says \(\d+ bytes; got \d+\); use another backup\./,
  );
  await rename(join(copy, 'rooms.sqlite'), join(copy, 'moved'));
  assert.match(await restore(copy), /rooms\.sqlite cannot be read \(ENOENT\); use another backup\./);
  await appendFile(join(copy, 'database.sqlite'), 'x');
  assert.match(
    await restore(copy),
    /copy\/rooms\.sqlite cannot be read \(ENOENT\); .*copy\/database\.sqlite differs .*; use another backup\./,
    'all defects',
  );
  const list = await readFile(join(copy, 'backup.json'), 'utf8');
  await writeFile(join(copy, 'backup.json'), list.replace('"cookie-secret"', '"../cookie-secret"'));
  assert.match(await restore(copy), /backup\.json has not the form of version 1/);
});

test('a backup is not restored to its own folder', async (t) => {
  const { copy } = await annAndCopy(t);
  const files = await readdir(copy);
  for (const data of [copy, join(copy, '..', 'copy')]) {
    const { code, output, errors } = await chat('restore', `--from=${copy}`, `--data=${data}`);
    assert.deepEqual([code, output], [1, '']);
    assert.match(errors, /copy is the backup itself; choose another folder with --data\.\n$/);
    assert.deepEqual(await readdir(copy), files);
  }
});

test('a backup of a damaged database says which file it is, and leaves nothing', async (t) => {
  const { folder, data } = await annAndCopy(t);
  await writeFile(join(data, 'database.sqlite'), 'this is not a database, and long enough for one');
  const { code, errors } = await chat('backup', `--data=${data}`, `--to=${join(folder, 'next')}`);
  assert.equal(code, 1);
  assert.match(
    errors,
    /^The backup failed: .*data\/database\.sqlite cannot be copied: file is not a database; run npm run chat -- doctor\. Nothing was left of it\.\n$/,
  );
  assert.deepEqual((await readdir(folder)).toSorted(), ['copy', 'data']);
});

test('a folder that cannot be created is refused with one line', async (t) => {
  const { folder, data, copy } = await annAndCopy(t);
  const file = join(folder, 'file');
  await writeFile(file, '');
  for (const to of [join(file, 'copy'), join(file, 'more', 'copy')]) {
    const { code, errors } = await chat('backup', `--data=${data}`, `--to=${to}`);
    assert.equal(code, 1);
    assert.match(errors, /^The backup failed: EEXIST: .*; choose another folder with --to\.\n$/);
  }
  const { code, errors } = await chat('restore', `--from=${copy}`, '--data=/proc/chat');
  assert.equal(code, 1);
  assert.match(errors, /^The data folder \/proc\/chat cannot be written \(\w+\); choose another with --data\.\n$/);
});

test('a backup of a server with Redis has its database, and can be restored', { skip: redisMissing() }, async (t) => {
  const folder = await temporaryFolder(t);
  const [data, copy] = [join(folder, 'data'), join(folder, 'copy')];
  const redis = await startRedis({ appendOnly: true });
  t.after(() => redis.stop());
  const start = (): Promise<ServerProcess> => startServer(t, { args: [`--data=${data}`, `--redis=${redis.url}`] });
  const first = await start();
  await new Visitor(t, first.url).register('Ann');
  const made = await chat('backup', `--data=${data}`, `--to=${copy}`);
  assert.match(made.output, /^Copied 1 files with \d+ bytes/);
  await new Visitor(t, first.url).register('Bob');
  await first.end('SIGTERM');
  assert.equal((await chat('restore', `--from=${copy}`, `--data=${data}`)).code, 0);
  const second = await start();
  await new Visitor(t, second.url).logIn('Ann');
  await new Visitor(t, second.url).register('Bob');
});

test('a backup of the version before is restored, and its data are copied into the database', async (t) => {
  const folder = await temporaryFolder(t);
  const [data, copy] = [join(folder, 'data'), join(folder, 'copy')];
  await mkdir(copy);
  const files = [];
  for (const name of ['chat.sqlite', 'rooms.sqlite', 'sessions.sqlite']) {
    const packed = new URL(`./fixtures/before-database/${name}.gz`, import.meta.url);
    const bytes = gunzipSync(await readFile(packed));
    await writeFile(join(copy, name), bytes);
    files.push({ name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
  }
  const list = { version: 1, createdAt: '2026-11-27T00:00:00.000Z', files };
  await writeFile(join(copy, 'backup.json'), JSON.stringify(list));
  const restored = await chat('restore', `--from=${copy}`, `--data=${data}`);
  assert.deepEqual([restored.code, restored.errors], [0, '']);
  const server = await serve(t, data);
  await new Visitor(t, server.url).logIn('Ann');
});

test('a wrong command line ends with 2, a backup without data or into a folder that exists with 1', async (t) => {
  const folder = await temporaryFolder(t);
  for (const [args, code, message] of [
    [[], 2, /^A command is missing\./],
    [['bakcup'], 2, /^There is no command "bakcup"\./],
    [['backup', '--too=x'], 2, /--too/],
    [
      ['backup', `--data=${folder}`, `--to=${folder}/copy`],
      1,
      /has no database\.sqlite; choose another with --data, or use pg_dump/,
    ],
    [['backup', `--data=${folder}/none`], 1, /none cannot be read \(ENOENT\); choose another with --data/],
    [
      ['backup', `--data=${folder}`, '--database=postgres://ann:secret@db/chat'],
      1,
      /^People, rooms and messages are in postgres:\/\/db\/chat, not in the data folder; use pg_dump [^\n]+\n$/,
    ],
    [['restore'], 1, /^restore needs the folder of a backup: --from=FOLDER\.\n$/],
  ] as const) {
    const result = await chat(...args);
    assert.deepEqual([result.code, result.output], [code, ''], args.join(' '));
    assert.match(result.errors, message);
  }
  assert.deepEqual(await readdir(folder), []);
  const { code, output } = await chat('--help');
  assert.equal(code, 0);
  assert.match(output, /^ {2}backup --data=FOLDER --to=FOLDER .*\n {2}restore/m);
});
