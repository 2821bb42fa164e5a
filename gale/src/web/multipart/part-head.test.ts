import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPartHead } from './part-head.ts';

const bytes = (text: string): string => Buffer.from(text).toString('latin1');
const nameOf = (disposition: string): string | undefined =>
  readPartHead({ 'content-disposition': [bytes(disposition)] }).filename;

test('reads the name of the field, of the file, and the type', () => {
  assert.deepEqual(
    readPartHead({
      'content-disposition': ['form-data; name="photo"; filename="a.png"'],
      'content-type': ['Image/PNG; charset=x'],
    }),
    { name: 'photo', filename: 'a.png', type: 'image/png' },
  );
  assert.deepEqual(readPartHead({ 'content-disposition': ['form-data; name=a'] }), {
    name: 'a',
    filename: undefined,
    type: 'text/plain',
  });
  assert.equal(
    readPartHead({ 'content-disposition': ['form-data; name=a; filename='] }).type,
    'application/octet-stream',
  );
});

test('file names keep semicolons, quotes, tabs, spaces and other alphabets', () => {
  for (const special of [';', '"', '\\"', '\t', ' ', ' ; " ', 'ä', '中文', '%22', "'", '=', '"";;  \t']) {
    const name = `a${special}b.txt`;
    const escaped = name.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
    const expected = name.slice(name.lastIndexOf('\\') + 1);
    assert.equal(nameOf(`form-data; name="a"; filename="${escaped}"`), expected, special);
    assert.equal(nameOf(`form-data; filename="${escaped}" ; name=a ;x=y`), expected, special);
    assert.equal(
      nameOf(`form-data; name="a"; filename*=UTF-8''${encodeURIComponent(name).replaceAll("'", '%27')}`),
      expected,
    );
  }
  assert.equal(nameOf('form-data; name=a; filename=plain name.txt'), 'plain name.txt');
});

test('filename* takes precedence, in UTF-8 or Latin-1', () => {
  assert.equal(nameOf('form-data; name=a; filename="x"; filename*=utf-8\'en\'na%C3%AFve'), 'naïve');
  assert.equal(nameOf("form-data; name=a; filename*=ISO-8859-1''na%EFve"), 'naïve');
  for (const value of ['x', "UTF-8'x", "UTF-8''%zz", "UTF-8''%FF", "UTF-16''a", "UTF-8''a'b"]) {
    assert.throws(() => nameOf(`form-data; name=a; filename*=${value}`), { status: 400 }, value);
  }
});

test('keeps the base name of a path only', () => {
  for (const [sent, kept] of [
    ['/etc/passwd', 'passwd'],
    ['../../x', 'x'],
    ['C:\\dir\\file.txt', 'file.txt'],
    ['a/b\\c', 'c'],
    ['..', ''],
    ['.', ''],
    ['dir/', ''],
    ['', ''],
    ['.bashrc', '.bashrc'],
  ] as const) {
    assert.equal(nameOf(`form-data; name=a; filename="${sent}"`), kept, sent);
  }
});

test('cuts a long name and keeps its extension', () => {
  const cut = nameOf(`form-data; name=a; filename="${'x'.repeat(5_000)}.jpeg"`);
  assert.equal(cut, `${'x'.repeat(250)}.jpeg`);
  assert.equal(nameOf(`form-data; name=a; filename="${'x'.repeat(255)}"`)?.length, 255);
  assert.equal(nameOf(`form-data; name=a; filename="${'😀'.repeat(200)}"`)?.isWellFormed(), true);
});

test('refuses a part that is no field of a form', () => {
  for (const [fields, reason] of [
    [{}, /no Content-Disposition/],
    [{ 'content-disposition': ['form-data; name=a', 'form-data; name=b'] }, /several/],
    [{ 'content-disposition': ['attachment; name=a'] }, /not form-data/],
    [{ 'content-disposition': ['form-data'] }, /no name/],
    [{ 'content-disposition': ['form-data; name=a; name=b'] }, /twice/],
    [{ 'content-disposition': ['form-data; name=a; filename="x'] }, /not valid/],
    [{ 'content-disposition': ['form-data; name="a" b'] }, /not valid/],
    [{ 'content-disposition': ['form-data; name="\xff"'] }, /not UTF-8/],
    [{ 'content-disposition': ['form-data; name=a'], 'content-transfer-encoding': ['base64'] }, /Transfer-Encoding/],
    ...['\0', '\x08', '\r', '\n', '\x7f'].map(
      (character) => [{ 'content-disposition': [`form-data; name="a"; filename="x${character}y"`] }, /./] as const,
    ),
  ] as const) {
    assert.throws(
      () => readPartHead(fields),
      (error: { status: number; problem: { detail: string } }) =>
        error.status === 400 && reason.test(error.problem.detail),
      JSON.stringify(fields),
    );
  }
});

test('reads long parameters in linear time', () => {
  for (const text of [
    '\\'.repeat(100_000),
    ';'.repeat(100_000),
    '; '.repeat(50_000),
    ' '.repeat(100_000),
    'a='.repeat(50_000),
  ]) {
    for (const start of ['form-data; name=a; filename="', 'form-data; name=a', 'form-data; name=']) {
      try {
        nameOf(start + text);
      } catch (error) {
        assert.equal((error as { status: number }).status, 400);
      }
    }
  }
});
