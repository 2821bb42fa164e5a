import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodePercent,
  encodePath,
  hasBrokenEscape,
  normalPath,
  NotUtf8Error,
  percentToBytes,
} from './percent-encoding.ts';

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

test('encodes an argument of a path, but not its slashes', () => {
  assert.equal(encodePath('a/b c?'), 'a/b%20c%3F');
});

test('the normal form decodes unreserved characters only, once, and has upper-case digits', () => {
  assert.equal(normalPath('/a/b%2Fc'), '/a/b%2Fc');
  assert.equal(normalPath('/%7Eada/%7eada/%61%5F%2D%2e'), '/~ada/~ada/a_-.');
  assert.equal(normalPath('/caf%c3%a9/a%2fb'), '/caf%C3%A9/a%2Fb');
  assert.equal(normalPath('/%21%24%40%3a%00%7f%25'), '/%21%24%40%3A%00%7F%25');
  assert.equal(normalPath('/a%252Fb/%2541'), '/a%252Fb/%2541');
  for (const broken of ['/%', '/%a', '/%zz%41', '/%%34%31', '/%4%31']) {
    assert.equal(normalPath(broken), broken);
    assert.equal(hasBrokenEscape(broken), true);
  }
  assert.equal(hasBrokenEscape('/a%2Fb%25'), false);
});
