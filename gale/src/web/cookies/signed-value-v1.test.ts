import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { serve } from '../../../test/support/web/web-server.ts';
import { RequestHandler } from '../handler.ts';
import { createSignedValue, readSignedValue } from './signed-value.ts';
import { signVersion1 } from './signed-value-v1.ts';

const secret = "It's a secret to everybody";
const dayMs = 86_400_000;

/** Name, value, seconds, and what Tornado 6.5 wrote with `version=1`. */
const vectors = [
  ['key', Buffer.from('value'), 1_300_000_000, 'dmFsdWU=|1300000000|31c934969f53e48164c50768b40cbd7e2daaaa4f'],
  ['user', Buffer.from('张根'), 1_513_731_498, '5byg5qC5|1513731498|96208aac18622111ef8e1f125c2c7969d56964dd'],
  ['k', Buffer.from([0, 255, 124, 58]), 1_764_207_000, 'AP98Og==|1764207000|e5d771779705e077714710a06b7d025ceb2a6d6c'],
] as const;

const read = (name: string, text: string, now: number, maxAgeDays = 31): Buffer | undefined =>
  readSignedValue(secret, name, text, { minVersion: 1, maxAgeDays, now });

test('reads what Tornado signed in format 1, only with minVersion 1', () => {
  for (const [name, value, seconds, text] of vectors) {
    const now = seconds * 1000;
    assert.deepEqual(read(name, text, now), value);
    assert.equal(readSignedValue(secret, name, text, { now }), undefined);
    assert.equal(readSignedValue(secret, name, text, { minVersion: 2, now }), undefined);
  }
});

test('with minVersion 1, format 2 is read as before, and is what is written', () => {
  const signed = createSignedValue(secret, 'key', 'value', { now: 1_300_000_000_000 });
  assert.match(signed, /^2\|/);
  assert.equal(read('key', signed, 1_300_000_000_000)?.toString(), 'value');
});

test('refuses format 1 with another name or secret, over its age, and more than 31 days ahead', () => {
  const [name, , seconds, text] = vectors[0];
  const now = seconds * 1000;
  assert.equal(read('other', text, now), undefined);
  assert.equal(readSignedValue('another', name, text, { minVersion: 1, now }), undefined);
  assert.ok(read(name, text, now + 31 * dayMs));
  assert.equal(read(name, text, now + 31 * dayMs + 1), undefined);
  assert.ok(read(name, text, now - 31 * dayMs));
  assert.equal(read(name, text, now - 31 * dayMs - 1), undefined);
});

test('refuses format 1 that is changed or truncated at any byte', () => {
  for (const [name, , seconds, text] of vectors) {
    for (let index = 0; index < text.length; index++) {
      const changed = text.slice(0, index) + (text[index] === '0' ? '1' : '0') + text.slice(index + 1);
      assert.equal(read(name, changed, seconds * 1000), undefined, changed);
      assert.equal(read(name, text.slice(0, index), seconds * 1000), undefined);
    }
    assert.equal(read(name, `${text}0`, seconds * 1000), undefined);
    assert.equal(read(name, `${text}|`, seconds * 1000), undefined);
    assert.equal(read(name, `1|${text}`, seconds * 1000), undefined);
  }
});

test('characters cannot move between the value and the time, whatever the value is', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 24 }),
      fc.integer({ min: 1_000_000_000, max: 9_999_999_999 }),
      (bytes, seconds) => {
        const value = Buffer.from(bytes).toString('base64');
        const signature = signVersion1(secret, 'key', { value, seconds, signature: '' });
        const signed = `${value}${seconds}`;
        for (let border = 0; border <= signed.length; border++) {
          const moved = `${signed.slice(0, border)}|${signed.slice(border)}|${signature}`;
          const found = read('key', moved, seconds * 1000, 36_500);
          assert.deepEqual(found, border === value.length ? Buffer.from(bytes) : undefined, moved);
        }
      },
    ),
  );
});

test('several secrets with minVersion 1 are an error, whatever the client sends', () => {
  const [name, , , text] = vectors[0];
  for (const sent of [text, '', createSignedValue({ 1: 'a' }, name, 'value', { keyVersion: 1 })]) {
    assert.throws(() => readSignedValue({ 1: 'a' }, name, sent, { minVersion: 1 }), {
      code: 'WEB_SECRET',
      message: /minVersion 1 needs one cookieSecret as a string/,
    });
  }
});

test('a handler reads a cookie of Tornado on demand and writes format 2', async (t) => {
  class Visit extends RequestHandler {
    get(): string {
      const value = this.getSignedCookie('key', { minVersion: 1 });
      this.setSignedCookie('key', value ?? 'none');
      return `${value} ${this.getSignedCookie('key')}`;
    }
  }
  const [, , seconds, text] = vectors[0];
  const served = await serve(t, [['/', Visit]], { cookieSecret: secret + secret, now: () => seconds * 1000 });
  const fields = { value: 'dmFsdWU=', seconds, signature: '' };
  const cookie = `key=dmFsdWU=|${seconds}|${signVersion1(secret + secret, 'key', fields)}`;
  const response = await served.get('/', { headers: { cookie } });
  assert.equal(await response.text(), 'value undefined');
  assert.match(response.headers.get('set-cookie') ?? '', /^key="?2\|1:0\|/);
  assert.equal(await (await served.get('/', { headers: { cookie: `key=${text}` } })).text(), 'undefined undefined');
});
