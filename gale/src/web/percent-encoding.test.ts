import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodePercent, encodePath, encodeUrl, NotUtf8Error, percentToBytes } from './percent-encoding.ts';

test('decodes a percent sign before two hex digits', () => {
  assert.equal(decodePercent('a%20b+c'), 'a b+c');
  assert.equal(decodePercent('%E4%B8%AD%e6%96%87'), '中文');
  assert.equal(decodePercent('%zz%4'), '%zz%4');
  assert.equal(decodePercent('100%&%41'), '100%&A');
  assert.equal(decodePercent('%%41%'), '%A%');
  assert.deepEqual([...percentToBytes(Buffer.from('%ff%00x%'))], [255, 0, 0x78, 0x25]);
});

test('refuses bytes that are not UTF-8', () => {
  for (const text of ['invalid%FF', '%C0%AF', '%ED%A0%80', '%E4%B8', '%F5%80%80%80', '%zz%FF']) {
    assert.throws(() => decodePercent(text), NotUtf8Error, text);
  }
});

test('encodes a URL once', () => {
  assert.equal(encodeUrl('/a b/中?q=%20&x=1#é'), '/a%20b/%E4%B8%AD?q=%20&x=1#%C3%A9');
  assert.equal(encodeUrl('http://[::1]:8/p;a,b'), 'http://[::1]:8/p;a,b');
  assert.equal(encodeUrl('"<>\\^`{|}'), '%22%3C%3E%5C%5E%60%7B%7C%7D');
  assert.equal(encodeUrl('\ud800'), '%EF%BF%BD');
  assert.equal(encodePath('a/b c?'), 'a/b%20c%3F');
});
