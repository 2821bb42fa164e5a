/** Uploads over real sockets: fields and files of a parsed form, limits, temporary files. */
import assert from 'node:assert/strict';
import promises, { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { eventually } from '../../../test/support/eventually.ts';
import { formOf } from '../../../test/support/web/multipart-request.ts';
import { serve } from '../../../test/support/web/web-server.ts';
import { HttpError } from '../http-error.ts';
import { RequestHandler } from '../handler.ts';
import { temporaryBytesInUse } from './temporary-files.ts';
import { uploadMemoryInUse } from './upload-memory.ts';
import type { UploadedFile } from './uploaded-file.ts';

const mebibyte = 1024 * 1024;

/** An empty folder for one test. */
async function emptyFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gale-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The temporary files below a folder. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

const detailOf = async (response: Response): Promise<string> => ((await response.json()) as { detail: string }).detail;

/** A body as text, one byte for each character. */
const rawForm = (text: string, type = 'multipart/form-data; boundary=b'): RequestInit => ({
  method: 'POST',
  body: Buffer.from(text, 'latin1'),
  headers: { 'Content-Type': type, Accept: 'application/json' },
});

const field = (size: number, name = 'a'): readonly [string, string] => [name, 'x'.repeat(size)];
const file = (size: number): readonly [string, Blob, string] => ['f', new Blob(['x'.repeat(size)]), 'f'];
const largeForm = (): RequestInit => formOf([file(2 * mebibyte)]);

class Upload extends RequestHandler {
  async post(): Promise<void> {
    const files: Record<string, unknown[]> = {};
    for (const [name, list] of Object.entries(this.files)) {
      files[name] = [];
      for (const file of list) {
        const { filename, type, size, isInMemory } = file;
        assert.equal(file.name, name);
        files[name].push({ filename, type, size, isInMemory, start: (await file.bytes()).toString('latin1', 0, 10) });
      }
    }
    this.write({ fields: await this.readForm(), files });
  }
}

test('fields are arguments and files are lists by the name of their field', async (t) => {
  class Arguing extends Upload {
    override async post(): Promise<void> {
      assert.equal(this.getBodyArgument('title'), 'a +%41 title');
      assert.equal(this.getArgument('page'), '2');
      assert.deepEqual(this.getArguments('tag'), ['query', 'x', 'y']);
      assert.equal(this.files['missing'], undefined);
      assert.equal(this.files['toString'], undefined);
      await super.post();
    }
  }
  const served = await serve(t, [['/', Arguing]]);
  const response = await served.get(
    '/?page=2&tag=query',
    formOf([
      ['title', ' a +%41 title '],
      ['tag', 'x'],
      ['photo', new Blob(['PNG'], { type: 'image/PNG' }), 'Ünïcode "1".png'],
      ['tag', 'y'],
      ['photo', new Blob(['zwei']), '../two.bin'],
      ['empty', new Blob([]), 'empty.txt'],
      ['__proto__', new Blob(['x']), 'p'],
    ]),
  );
  assert.equal(response.status, 200, await response.clone().text());
  const { fields, files } = (await response.json()) as { fields: object; files: Record<string, object[]> };
  assert.deepEqual(fields, { title: ' a +%41 title ', tag: ['x', 'y'] });
  const isInMemory = true;
  assert.deepEqual(files['photo'], [
    { filename: 'Ünïcode %221%22.png', type: 'image/png', size: 3, isInMemory, start: 'PNG' },
    { filename: 'two.bin', type: 'application/octet-stream', size: 4, isInMemory, start: 'zwei' },
  ]);
  assert.deepEqual(files['empty'], [
    { filename: 'empty.txt', type: 'application/octet-stream', size: 0, isInMemory, start: '' },
  ]);
  assert.deepEqual(Object.keys(files).toSorted(), ['empty', 'photo']);
});

test('a file input without a file, as browsers send it, is neither a file nor a field', async (t) => {
  const served = await serve(t, [['/', Upload]]);
  const type = 'Content-Type: application/octet-stream\r\n';
  const nothing = `--b\r\nContent-Disposition: form-data; name="a"; filename=""\r\n${type}\r\n\r\n--b--\r\n`;
  assert.deepEqual(await (await served.get('/', rawForm(nothing))).json(), { fields: {}, files: {} });
  const unnamed = nothing.replace('\r\n\r\n\r\n', '\r\n\r\nx\r\n');
  const { files } = (await (await served.get('/', rawForm(unnamed))).json()) as {
    files: { a: { filename: string }[] };
  };
  assert.deepEqual(
    files.a.map(({ filename }) => filename),
    [''],
  );
});

test('a file over 1 MiB is in a temporary file of the process until the response is complete', async (t) => {
  const folder = await emptyFolder(t);
  let path = '';
  class Large extends Upload {
    override async post(): Promise<void> {
      const [found = ''] = await filesBelow(folder);
      path = found;
      assert.equal((await stat(path)).mode & 0o777, 0o600);
      assert.equal((await stat(join(path, '..'))).mode & 0o777, 0o700);
      const [file] = this.files['file'] ?? [];
      assert.ok(file);
      let size = 0;
      for await (const piece of file.stream()) size += (piece as Buffer).length;
      assert.equal(size, file.size);
      assert.ok(temporaryBytesInUse() >= size);
      await super.post();
    }
  }
  const served = await serve(t, [['/', Large]], { temporaryPath: folder });
  const response = await served.get('/', formOf([['file', new Blob(['x'.repeat(mebibyte + 1)]), 'large']]));
  const { files } = (await response.json()) as { files: { file: { isInMemory: boolean; size: number }[] } };
  assert.deepEqual(
    files.file.map(({ isInMemory, size }) => [isInMemory, size]),
    [[false, mebibyte + 1]],
  );
  await eventually(async () => (await filesBelow(folder)).length === 0);
  assert.equal(temporaryBytesInUse(), 0);
  assert.match(path, /gale-uploads-[0-9a-f]{8}-\d+-\w+\/[0-9a-f]{32}$/);
  const small = await served.get('/', formOf([['file', new Blob(['x'.repeat(mebibyte)]), 'small']]));
  assert.equal(small.status, 500);
  await served.expectLine(/A handler failed/);
});

test('all files of a request take at most 8 MiB of memory', async (t) => {
  const served = await serve(t, [['/', Upload]]);
  const blob = new Blob(['x'.repeat(mebibyte)]);
  const response = await served.get('/', formOf(Array.from({ length: 12 }, () => ['file', blob, 'f'] as const)));
  const { files } = (await response.json()) as { files: { file: { isInMemory: boolean }[] } };
  assert.equal(files.file.filter(({ isInMemory }) => isInMemory).length, 8);
  await eventually(() => temporaryBytesInUse() === 0);
});

test('files of all requests together take at most maxUploadMemoryBytes of memory', async (t) => {
  const entered = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  class Waiting extends Upload {
    override async post(): Promise<void> {
      entered.resolve();
      await released.promise;
      await super.post();
    }
  }
  const served = await serve(t, [['/wait', Waiting] as const, ['/', Upload] as const], { maxUploadMemoryBytes: 1_000 });
  const upload = async (path: string, size: number): Promise<boolean | undefined> => {
    const response = await served.get(path, formOf([['file', new Blob(['x'.repeat(size)]), 'f']]));
    const { files } = (await response.json()) as { files: { file: { isInMemory: boolean }[] } };
    return files.file[0]?.isInMemory;
  };
  const first = upload('/wait', 600);
  await entered.promise;
  assert.equal(uploadMemoryInUse(), 600);
  assert.equal(await upload('/', 401), false);
  assert.equal(await upload('/', 400), true);
  released.resolve();
  assert.equal(await first, true);
  await eventually(() => uploadMemoryInUse() === 0 && temporaryBytesInUse() === 0);
  assert.equal(await upload('/', 1_000), true);
});

test('moves files where they stay, never over another file unless asked', async (t) => {
  const folder = await emptyFolder(t);
  class Moving extends RequestHandler {
    async post(): Promise<void> {
      const list = this.files['file'] ?? [];
      const taken = join(folder, 'taken');
      await writeFile(taken, 'precious');
      for (const [index, file] of list.entries()) {
        await assert.rejects(file.moveTo(taken), { code: 'EEXIST' });
        assert.equal(await readFile(taken, 'utf8'), 'precious');
        await assert.rejects(file.moveTo(join(folder, 'no', 'folder')), { code: 'ENOENT' });
        await assert.rejects(file.moveTo(''), { code: 'OPTION_VALUE' });
        await assert.rejects(file.moveTo('x', { overwrit: true } as never), { code: 'OPTION_UNKNOWN' });
        const path = join(folder, String(index));
        await file.moveTo(path, index === 0 ? {} : { mode: 0o644 });
        assert.equal((await stat(path)).mode & 0o777, index === 0 ? 0o600 : 0o644);
        assert.equal((await stat(path)).size, file.size);
        assert.equal((await file.bytes()).length, file.size);
        await assert.rejects(file.moveTo(taken), { code: 'WEB_FILE', message: /called after it was moved\.$/ });
      }
      this.write('moved');
    }
  }
  class Replacing extends RequestHandler {
    async post(): Promise<void> {
      for (const file of this.files['file'] ?? []) await file.moveTo(join(folder, 'taken'), { overwrite: true });
    }
  }
  for (const temporaryPath of [await emptyFolder(t), '/dev/shm']) {
    const served = await serve(
      t,
      [
        ['/', Moving],
        ['/replace', Replacing],
      ],
      { temporaryPath },
    );
    const sizes = [3, 2 * mebibyte];
    const init = (): RequestInit => formOf(sizes.map((size) => ['file', new Blob(['x'.repeat(size)]), 'f'] as const));
    const response = await served.get('/', init());
    assert.equal(await response.text(), 'moved');
    await served.get('/replace', init());
    await eventually(() => temporaryBytesInUse() === 0);
    assert.deepEqual((await readdir(folder)).toSorted(), ['0', '1', 'taken']);
    assert.equal((await stat(join(folder, 'taken'))).size, 2 * mebibyte);
    await Promise.all(['0', '1', 'taken'].map((name) => rm(join(folder, name))));
  }
});

test('a file cannot be used after the response', async (t) => {
  let kept: UploadedFile | undefined;
  class Late extends RequestHandler {
    post(): void {
      kept = this.files['file']?.[0];
    }
  }
  const served = await serve(t, [['/', Late]]);
  await served.get('/', formOf([['file', new Blob(['x']), 'f']]));
  const file = kept;
  assert.ok(file);
  assert.throws(() => file.stream(), { code: 'WEB_FILE' });
  await assert.rejects(file.bytes(), { code: 'WEB_FILE', message: /after the response; move the file/ });
  await assert.rejects(file.moveTo('/tmp/x'), { code: 'WEB_FILE' });
});

test('removes files after errors, and after a client that leaves in the middle', async (t) => {
  const folder = await emptyFolder(t);
  class Failing extends RequestHandler {
    override prepare(): void {
      throw new HttpError(404);
    }
    post(): void {}
  }
  const served = await serve(t, [['/', Failing]], { temporaryPath: folder });
  const large = new Blob(['x'.repeat(2 * mebibyte)]);
  assert.equal((await served.get('/', formOf([['file', large, 'f']]))).status, 404);
  await eventually(async () => (await filesBelow(folder)).length === 0);
  const socket = connect(served.port, '127.0.0.1');
  socket.write(
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 9000000\r\n\r\n',
  );
  socket.write(`--b\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\n${'x'.repeat(3 * mebibyte)}`);
  await eventually(async () => (await filesBelow(folder)).length === 1);
  socket.destroy();
  await eventually(async () => (await filesBelow(folder)).length === 0);
  await eventually(() => temporaryBytesInUse() === 0);
});

test('malformed and truncated forms are 400 with the reason, and the connection goes on', async (t) => {
  const served = await serve(t, [['/', Upload]]);
  const part = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1';
  for (const [text, type, reason] of [
    ['', undefined, /ends before its last boundary/],
    ['nothing', undefined, /ends before its last boundary/],
    [part, undefined, /ends before its last boundary/],
    ['--b\r\n\r\n1\r\n--b--', undefined, /no Content-Disposition/],
    ['--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--', undefined, /no name/],
    [`${part}\r\n--b--`, 'multipart/form-data', /no valid boundary/],
    [part.replace('"a"', '"a"; filename="x\0"'), undefined, /control character/],
  ] as const) {
    const response = await served.get('/', rawForm(text, type));
    assert.equal(response.status, 400, text);
    assert.match(await detailOf(response), reason, text);
  }
  assert.deepEqual(await (await served.get('/', rawForm(`${part}\r\n--b--`))).json(), {
    fields: { a: '1' },
    files: {},
  });
  const notUtf8 = await served.get('/', rawForm(`${part.replace('1', '\xff')}\r\n--b--`));
  assert.equal(notUtf8.status, 400);
  await served.expectLine(/Argument a is not UTF-8/);
});

test('limits parts, heads, fields, files and the whole form', async (t) => {
  const served = await serve(t, [['/', Upload]], {
    maxParts: 4,
    maxPartHeaderBytes: 200,
    maxFieldBytes: 100,
    maxFormBytes: 250,
    maxFileBytes: 1_000,
    server: { maxBodyBytes: 5_000 },
  });
  assert.equal((await served.get('/', formOf([field(100), field(100), field(50), file(1_000)]))).status, 200);
  for (const [entries, status, reason] of [
    [[field(1), field(1), field(1), field(1), field(1)], 400, /more than 4 parts \(maxParts\)/],
    [[field(1, 'n'.repeat(200))], 400, /over 200 bytes \(maxPartHeaderBytes\)/],
    [[field(101)], 413, /field "a" is over 100 bytes \(maxFieldBytes\)/],
    [[field(100), field(100), field(51)], 413, /All fields .* \(maxFormBytes\)/],
    [[file(1_001)], 413, /file of "f" is over 1000 bytes \(maxFileBytes\)/],
  ] as const) {
    const response = await served.get('/', formOf(entries));
    assert.equal(response.status, status, String(reason));
    assert.match(await detailOf(response), reason);
  }
  assert.equal((await served.get('/', formOf([file(900), file(900), file(900), file(900)]))).status, 200);
  const zipped = await served.get('/', {
    ...rawForm(''),
    body: gzipSync(
      `--b\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\n${'x'.repeat(900)}\r\n--b--${' '.repeat(9_000)}`,
    ),
    headers: { 'Content-Type': 'multipart/form-data; boundary=b', 'Content-Encoding': 'gzip' },
  });
  assert.equal(zipped.status, 413);
});

test('a form with a Content-Encoding is decoded', async (t) => {
  const served = await serve(t, [['/', Upload]]);
  const body = gzipSync('--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--');
  const init = rawForm('');
  const response = await served.get('/', { ...init, body, headers: { ...init.headers, 'Content-Encoding': 'gzip' } });
  assert.deepEqual(await response.json(), { fields: { a: '1' }, files: {} });
});

test('temporary files of the process have a total limit', async (t) => {
  const served = await serve(t, [['/', Upload]], { maxTemporaryBytes: 3 * mebibyte });
  const refused = await served.get('/', formOf([file(4 * mebibyte)]));
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get('retry-after'), '10');
  assert.match(await detailOf(refused), /too many uploads/);
  await served.expectLine(/over maxTemporaryBytes/);
  assert.equal((await served.get('/', formOf([file(3 * mebibyte)]))).status, 200);
  await eventually(() => temporaryBytesInUse() === 0);
  assert.equal((await served.get('/', formOf([file(3 * mebibyte)]))).status, 200);
  await eventually(() => temporaryBytesInUse() === 0);
});

test('removes the folder of a killed process, and no other', async (t) => {
  const folder = await emptyFolder(t);
  const served = await serve(t, [['/', Upload]], { temporaryPath: join(folder, 'a') });
  await mkdir(join(folder, 'a'));
  await served.get('/', largeForm());
  const [own = ''] = await readdir(join(folder, 'a'));
  const start = /^gale-uploads-[0-9a-f]{8}-/.exec(own)?.[0] ?? '';
  await mkdir(join(folder, 'b'));
  // No process has this id.
  const dead = [`${start}4194305-x`];
  const others = [`${start}1-x`, 'gale-uploads-00000000-4194305-x', 'other', `${start}4194305-`];
  for (const name of [...dead, ...others]) await mkdir(join(folder, 'b', name));
  await writeFile(join(folder, 'b', dead[0] ?? '', 'left'), 'x');
  const second = await serve(t, [['/', Upload]], { temporaryPath: join(folder, 'b') });
  await second.get('/', largeForm());
  const names = await readdir(join(folder, 'b'));
  assert.deepEqual(names.filter((name) => !name.startsWith(`${start}${process.pid}-`)).toSorted(), others.toSorted());
  // Programs that clean up may remove it while the process runs.
  await rm(join(folder, 'a', own), { recursive: true });
  assert.equal((await served.get('/', largeForm())).status, 200);
});

test('the XSRF token may be a field, and is checked before prepare', async (t) => {
  class Guarded extends Upload {
    get(): void {
      this.write(this.xsrfToken);
    }
    override async post(): Promise<void> {
      this.write(await this.body(z.strictObject({ a: z.string() })));
    }
  }
  const served = await serve(t, [['/', Guarded]], { xsrfCookies: true });
  const page = await served.get('/');
  const cookie = page.headers.get('set-cookie')?.split(';')[0] ?? '';
  const token = await page.text();
  const init = formOf([
    ['a', '1'],
    ['_xsrf', token],
  ]);
  const response = await served.get('/', { ...init, headers: { cookie } });
  assert.deepEqual(await response.json(), { a: '1' });
  assert.equal((await served.get('/', { ...formOf([['a', '1']]), headers: { cookie } })).status, 403);
  await served.expectLine(/argument missing/);
});

/** A file system whose `link` fails with this code, until the end of the test. */
function withoutLinks(t: TestContext, code: string): void {
  t.mock.method(promises, 'link', () => Promise.reject(Object.assign(new Error(`${code}: link`), { code })));
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
}

for (const code of ['EPERM', 'ENOTSUP', 'ENOSYS']) {
  test(`moves files on a file system without hard links (${code}), and one of many moves to a path succeeds`, async (t) => {
    const folder = await emptyFolder(t);
    withoutLinks(t, code);
    class Moving extends RequestHandler {
      async post(): Promise<void> {
        const results = await Promise.allSettled(
          (this.files['file'] ?? []).map((file) => file.moveTo(join(folder, 'one'), { mode: 0o644 })),
        );
        const failures = results.filter((result) => result.status === 'rejected');
        this.write({
          moved: results.length - failures.length,
          codes: failures.map(({ reason }) => (reason as NodeJS.ErrnoException).code),
        });
      }
    }
    // The files are in memory, and in temporary files.
    for (const size of [1_000, 2 * mebibyte]) {
      const served = await serve(t, [['/', Moving]]);
      const files = Array.from(
        { length: 8 },
        (_, index) => ['file', new Blob([String(index).repeat(size)]), 'f'] as const,
      );
      const response = await served.get('/', formOf(files));
      assert.deepEqual(await response.json(), { moved: 1, codes: Array.from({ length: 7 }, () => 'EEXIST') });
      const text = await readFile(join(folder, 'one'), 'utf8');
      assert.equal(text, (text[0] ?? '').repeat(size), 'the content is that of one file');
      assert.equal((await stat(join(folder, 'one'))).mode & 0o777, 0o644);
      await eventually(async () => (await readdir(folder)).length === 1);
      await rm(join(folder, 'one'));
    }
  });
}

test('other errors of a link are not hidden, and a copy that fails leaves nothing and can be tried again', async (t) => {
  const folder = await emptyFolder(t);
  const path = join(folder, 'one');
  const { open } = promises;
  let openedFull = 0;
  class Moving extends RequestHandler {
    async post(): Promise<void> {
      const file = this.files['file']?.[0] as UploadedFile;
      withoutLinks(t, 'EIO');
      await assert.rejects(file.moveTo(path), { code: 'EIO' });
      t.mock.restoreAll();
      withoutLinks(t, 'EPERM');
      t.mock.method(promises, 'open', async (name: string, flags: string, mode: number) => {
        const handle = await open(name, flags, mode);
        if (name === path) {
          openedFull++;
          handle.writeFile = () => Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }));
        }
        return handle;
      });
      syncBuiltinESMExports();
      await assert.rejects(file.moveTo(path), { code: 'ENOSPC' });
      assert.deepEqual(await readdir(folder), []);
      t.mock.restoreAll();
      withoutLinks(t, 'EPERM');
      await file.moveTo(path);
      this.write(await readFile(path, 'utf8'));
    }
  }
  const served = await serve(t, [['/', Moving]]);
  const response = await served.get('/', formOf([['file', new Blob(['text']), 'f']]));
  assert.equal(await response.text(), 'text');
  assert.equal(openedFull, 1);
});
