import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { OpenedFile } from './opened-file.ts';

test('notices that the file was removed or replaced, and that it was put back', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gale-opened-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'chat.sqlite');
  await writeFile(path, 'one');
  const opened = new OpenedFile(path);
  await opened.assertInPlace();
  await writeFile(path, 'changed');
  await opened.assertInPlace();
  const refusal = { code: 'ROOM_UNAVAILABLE', message: /chat\.sqlite was removed or replaced/ };
  await rename(path, `${path}.away`);
  await assert.rejects(opened.assertInPlace(), refusal);
  await writeFile(path, 'another');
  await assert.rejects(opened.assertInPlace(), refusal);
  await rename(`${path}.away`, path);
  await opened.assertInPlace();
});
