import assert from 'node:assert/strict';
import { copyFileSync, linkSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { OpenedFile } from './opened-file.ts';

test('detects that a file was removed or replaced, and that it was restored', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gale-file-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [path, other] = [join(folder, 'a'), join(folder, 'b')];
  writeFileSync(path, 'text');
  const file = await OpenedFile.at(path);
  await file.assertInPlace();
  writeFileSync(path, 'other text');
  await file.assertInPlace();
  const gone = {
    code: 'ROOM_UNAVAILABLE',
    message: `The file ${path} was removed or replaced while it was open; restore it or restart the server.`,
  };
  renameSync(path, other);
  await assert.rejects(file.assertInPlace(), gone);
  copyFileSync(other, path);
  await assert.rejects(file.assertInPlace(), gone);
  rmSync(path);
  linkSync(other, path);
  await file.assertInPlace();
});
