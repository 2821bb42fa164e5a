import assert from 'node:assert/strict';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { FileCache, maxCachedFileBytes } from './file-cache.ts';

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gale-file-cache-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

test('keeps files up to 64 KiB', async (t) => {
  const root = await makeFolder(t);
  await writeFile(join(root, 'small'), Buffer.alloc(maxCachedFileBytes, 'a'));
  await writeFile(join(root, 'large'), Buffer.alloc(maxCachedFileBytes + 1, 'a'));
  await writeFile(join(root, 'empty'), '');
  const cache = new FileCache(1_000_000, false);
  assert.equal(cache.find(root, 'small'), undefined);
  const small = await cache.load(root, 'small');
  assert.equal(small.content?.byteLength, maxCachedFileBytes);
  assert.equal(cache.find(root, 'small'), small);
  assert.equal((await cache.load(root, 'empty')).content?.byteLength, 0);
  for (const path of ['large', '', 'small/']) assert.equal((await cache.load(root, path)).content, undefined, path);
  assert.equal(cache.find(root, 'large'), undefined);
  await assert.rejects(cache.load(root, 'missing'), { status: 404 });
  await assert.rejects(cache.load(root, '../x'), { status: 403 });
});

test('drops the files that were checked least recently when its memory is full', async (t) => {
  const root = await makeFolder(t);
  const cache = new FileCache(3 * (10_000 + 1_024), false);
  for (const name of ['a', 'b', 'c', 'd']) await writeFile(join(root, name), Buffer.alloc(10_000, name));
  for (const name of ['a', 'b', 'c']) await cache.load(root, name);
  assert.equal(cache.bytes, 3 * (10_000 + 1_024));
  await cache.load(root, 'a');
  await cache.load(root, 'd');
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].filter((name) => cache.find(root, name) !== undefined),
    ['a', 'c', 'd'],
  );
  assert.ok(cache.bytes <= 3 * (10_000 + 1_024));
  await rm(join(root, 'a'));
  await assert.rejects(cache.load(root, 'a'));
  assert.equal(cache.bytes, 2 * (10_000 + 1_024));
});

test('many absent siblings take no more memory than files', async (t) => {
  const root = await makeFolder(t);
  const cache = new FileCache(10 * 1_024, false);
  for (let index = 0; index < 100; index++) assert.equal(await cache.loadSibling(root, `${index}.br`), undefined);
  assert.ok(cache.bytes <= 10 * 1_024);
});

test('an absent sibling is looked up once a second', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
  const root = await makeFolder(t);
  const cache = new FileCache(100_000, false);
  assert.equal(await cache.loadSibling(root, 'a.br'), undefined);
  await writeFile(join(root, 'a.br'), 'b');
  assert.equal(await cache.loadSibling(root, 'a.br'), undefined);
  t.mock.timers.tick(1_000);
  assert.equal(String((await cache.loadSibling(root, 'a.br'))?.content), 'b');
});

test('concurrent calls share one look at the disk', async (t) => {
  const root = await makeFolder(t);
  await writeFile(join(root, 'a'), 'text');
  const cache = new FileCache(100_000, false);
  const [one, ...others] = await Promise.all(Array.from({ length: 20 }, () => cache.load(root, 'a')));
  for (const other of others) assert.equal(other, one);
});

test('reads an unchanged file once, and a file that has just changed again', async (t) => {
  const root = await makeFolder(t);
  const path = join(root, 'a');
  await writeFile(path, 'text');
  const now = Date.now();
  t.mock.timers.enable({ apis: ['Date'], now: now + 60_000 });
  const cache = new FileCache(100_000, false);
  const first = await cache.load(root, 'a');
  assert.equal(await cache.load(root, 'a'), first);
  const time = new Date(now - 5_000);
  await utimes(path, time, time);
  const touched = await cache.load(root, 'a');
  assert.notEqual(touched, first);
  assert.equal(await cache.load(root, 'a'), touched);
  // The clock of the file system may not have moved since the last write.
  t.mock.timers.setTime(now + 1);
  await writeFile(path, 'TEXT');
  const young = await cache.load(root, 'a');
  assert.notEqual(await cache.load(root, 'a'), young);
});

test('keeps nothing without memory, and trusts nothing in debug mode or after the clock was set back', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
  const root = await makeFolder(t);
  await writeFile(join(root, 'a'), 'text');
  for (const cache of [new FileCache(0, false), new FileCache(100_000, true)]) {
    assert.equal(String((await cache.load(root, 'a')).content), 'text');
    assert.equal(cache.find(root, 'a'), undefined);
  }
  const cache = new FileCache(100_000, false);
  await cache.load(root, 'a');
  assert.ok(cache.find(root, 'a') !== undefined);
  t.mock.timers.setTime(500_000);
  assert.equal(cache.find(root, 'a'), undefined);
});
