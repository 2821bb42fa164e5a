import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sent, uploaded } from '../../../test/support/web/form-request.ts';
import type { FieldReading } from './field.ts';
import { fileField } from './file-field.ts';

const label = 'Photo';
const png = uploaded('a.png', 'image/png', 'PNG');

test('reads one file, or a list', () => {
  const files = [png];
  assert.deepEqual(fileField({ label }).read({ ...sent(), files }), { value: png });
  assert.deepEqual(fileField({ label, multiple: true }).read({ ...sent(), files }), { value: files });
  assert.deepEqual(fileField({ label }).read({ ...sent(), files: [png, png] }), { rule: 'several' });
  const several = fileField({ label, multiple: true, maxCount: 2 });
  assert.deepEqual(several.read({ ...sent(), files: [png, png, png] }), { rule: 'tooManyFiles', values: { count: 2 } });
});

test('a missing file is an error unless the field is optional', () => {
  assert.deepEqual(fileField({ label }).read(sent()), { rule: 'file' });
  assert.deepEqual(fileField({ label, required: false }).read(sent()), { value: undefined });
  // A form without multipart sends the name of the file.
  assert.deepEqual(fileField({ label, required: false }).read(sent('a.png')), { rule: 'file' });
});

test('refuses files that are too large, empty or of another type', () => {
  const read = (accept: readonly string[], filename: string, type: string): FieldReading =>
    fileField({ label, accept }).read({ ...sent(), files: [uploaded(filename, type, 'x')] });
  for (const [accept, filename, type] of [
    [['image/png'], 'a.png', 'image/png'],
    [['image/*'], 'a.svg', 'image/svg+xml'],
    [['.pdf', 'image/png'], 'A.PDF', 'application/octet-stream'],
  ] as const) {
    assert.ok('value' in read(accept, filename, type), filename);
  }
  for (const [accept, filename, type] of [
    [['image/png'], 'a.png', 'text/html'],
    [['image/*'], 'a.png', 'imagery/png'],
    [['image/*'], 'image/a', ''],
    [['.pdf'], 'a.pdf.exe', 'application/pdf'],
    [['.pdf'], 'pdf', 'application/pdf'],
  ] as const) {
    assert.deepEqual(read(accept, filename, type), { rule: 'fileType' }, filename);
  }
  const small = fileField({ label, maxBytes: 2 });
  assert.deepEqual(small.read({ ...sent(), files: [png] }), { rule: 'fileTooLarge', values: { size: { bytes: 2 } } });
  assert.deepEqual(small.read({ ...sent(), files: [uploaded('a', '', '')] }), { rule: 'fileEmpty' });
});
