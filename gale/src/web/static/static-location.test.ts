import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { before, test } from 'node:test';
import * as fc from 'fast-check';
import { HttpError } from '../http-error.ts';
import { locateStatic } from './static-location.ts';

let root = '';

before(async () => {
  const parent = await realpath(await mkdtemp(join(tmpdir(), 'gale-location-')));
  root = join(parent, 'root');
  await mkdir(join(root, 'a', 'b'), { recursive: true });
  // Its name starts with the name of the root.
  await mkdir(join(parent, 'root2'));
  await writeFile(join(root, 'a', 'file'), 'x');
  await writeFile(join(parent, 'root2', 'file'), 'secret');
  await symlink(parent, join(root, 'a', 'out'));
  await symlink(join(parent, 'root2'), join(root, 'near'));
  await symlink(join(root, 'a'), join(root, 'in'));
});

test('finds the file of a path, also through links inside the folder', async () => {
  assert.equal(await locateStatic(root, 'a/file'), join(root, 'a', 'file'));
  assert.equal(await locateStatic(root, 'in/file'), join(root, 'a', 'file'));
  assert.equal(await locateStatic(root, 'a/b/'), join(root, 'a', 'b'));
  assert.equal(await locateStatic(root, ''), root);
});

test('never finds a file outside of the folder', async () => {
  const names = [
    '..',
    '.',
    '',
    'a',
    'b',
    'file',
    'out',
    'near',
    'in',
    'root',
    'root2',
    '.env',
    '\0',
    '\\',
    '..\\',
    '%2e',
  ];
  const path = fc.array(fc.constantFrom(...names)).map((segments) => segments.join('/'));
  await fc.assert(
    fc.asyncProperty(fc.oneof(path, fc.string({ unit: 'binary' })), async (asked) => {
      try {
        const found = await locateStatic(root, asked);
        assert.ok(found === root || found.startsWith(root + sep), `${asked} -> ${found}`);
      } catch (error) {
        assert.ok(error instanceof HttpError && (error.status === 403 || error.status === 404), String(error));
      }
    }),
    { numRuns: 1_000 },
  );
});
