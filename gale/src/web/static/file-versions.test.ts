import assert from 'node:assert/strict';
import {
  closeSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { FileVersions, maxHashedBytes } from './file-versions.ts';

const folder = mkdtempSync(join(tmpdir(), 'gale-versions-'));
after(() => rmSync(folder, { recursive: true }));

/** Writes a file with a modification time in seconds. */
function write(name: string, text: string | Uint8Array, seconds: number): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  utimesSync(path, seconds, seconds);
  return path;
}

async function versionOf(versions: FileVersions, path: string): Promise<string> {
  const file = await open(path);
  try {
    return await versions.of(path, await file.stat(), file);
  } finally {
    await file.close();
  }
}

test('a version changes with the size or the modification time', async () => {
  const versions = new FileVersions(true);
  const path = write('a', 'one', 1000);
  const first = versions.current(path);
  assert.equal(await versionOf(versions, path), first);
  write('a', 'three', 1000);
  const longer = versions.current(path);
  assert.notEqual(longer, first);
  write('a', 'seven', 2000);
  const later = await versionOf(versions, path);
  assert.notEqual(later, longer);
  assert.equal(versions.current(path), later);
});

test('both ways to read a file compute the same version of a large file', async () => {
  const path = write('large', Buffer.alloc(600_000, 'abc'), 1000);
  assert.equal(await versionOf(new FileVersions(false), path), new FileVersions(false).current(path));
});

test('a URL trusts a known version for one second, and debug never does', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
  const path = write('b', 'one', 1000);
  const versions = new FileVersions(false);
  const debug = new FileVersions(true);
  const first = versions.current(path);
  assert.equal(debug.current(path), first);
  write('b', 'three', 1000);
  t.mock.timers.tick(999);
  assert.equal(versions.current(path), first);
  assert.notEqual(debug.current(path), first);
  t.mock.timers.tick(1);
  assert.equal(versions.current(path), debug.current(path));
});

test('a check of an unchanged file starts another second of trust', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
  const path = write('c', 'one', 1000);
  const versions = new FileVersions(false);
  const first = versions.current(path);
  t.mock.timers.tick(1000);
  assert.equal(versions.current(path), first);
  write('c', 'three', 1000);
  t.mock.timers.tick(999);
  assert.equal(versions.current(path), first);
  t.mock.timers.tick(1);
  assert.notEqual(versions.current(path), first);
});

test('concurrent calls for an unknown file share one read, and later calls read a changed file again', async (t) => {
  const versions = new FileVersions(false);
  const path = write('d', 'one', 1000);
  const stats = statSync(path);
  const file = await open(path);
  const { mock } = t.mock.method(file, 'read');
  try {
    const [one, two] = await Promise.all([versions.of(path, stats, file), versions.of(path, stats, file)]);
    assert.equal(one, two);
    // One read of the content and one that finds the end.
    assert.equal(mock.callCount(), 2);
    // Size and time are as at first, but the content is not: a finished read must not be shared.
    write('d', 'now', 2000);
    await versions.of(path, statSync(path), file);
    write('d', 'two', 1000);
    assert.notEqual(await versions.of(path, stats, file), one);
  } finally {
    await file.close();
  }
});

test('the version of a file over 16 MiB changes with a byte although size and modification time are the same', async () => {
  const path = write('huge', 'x', 1000);
  truncateSync(path, maxHashedBytes + 1);
  utimesSync(path, 1000, 1000);
  const versions = new FileVersions(true);
  const first = await versionOf(versions, path);
  assert.equal(versions.current(path), first);
  const before = statSync(path, { bigint: true }).ctimeNs;
  const file = openSync(path, 'r+');
  // The clock of the file system may be coarse: write until it has moved.
  do {
    writeSync(file, 'y', 5);
    utimesSync(path, 1000, 1000);
  } while (statSync(path, { bigint: true }).ctimeNs === before);
  closeSync(file);
  assert.notEqual(await versionOf(versions, path), first);
  assert.equal(versions.current(path), await versionOf(versions, path));
});

test('a file over 16 MiB is not read for its version', async () => {
  const path = write('sparse', 'x', 1000);
  truncateSync(path, 64 * 1024 ** 3);
  const file = await open(path);
  try {
    const read = file.read.bind(file);
    let reads = 0;
    file.read = (...args: Parameters<typeof read>) => {
      reads++;
      return read(...args);
    };
    const versions = new FileVersions(false);
    assert.equal(versions.current(path), await versions.of(path, await file.stat(), file));
    assert.equal(reads, 0);
  } finally {
    await file.close();
  }
});
