import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { GaleError } from '../../errors.ts';
import { createSignedValue, isSame, readSignedValue, secretCommand, signingKeyVersion } from './signed-value.ts';
import type { CookieSecret } from './signed-value.ts';

const secret = "It's a secret to everybody";
const at = 1_300_000_000_000;
const vector = '2|1:0|10:1300000000|3:key|8:dmFsdWU=|3d4e60b996ff9c5d5788e333a0cba6f238a22c6c0f94788870e1a9ecd482e152';
const dayMs = 86_400_000;

test('signs a value as Tornado does', () => {
  assert.equal(createSignedValue(secret, 'key', 'value', { now: at }), vector);
  assert.equal(readSignedValue(secret, 'key', vector, { now: at })?.toString(), 'value');
});

test('reads back any bytes, and a name outside of ASCII', () => {
  const bytes = Buffer.from([0, 255, 10, 124, 58]);
  const signed = createSignedValue(secret, '名字', bytes, { now: at });
  assert.deepEqual(readSignedValue(secret, '名字', signed, { now: at }), bytes);
});

test('refuses a value with another name or secret, or over its age', () => {
  assert.equal(readSignedValue(secret, 'other', vector, { now: at }), undefined);
  assert.equal(readSignedValue('another secret', 'key', vector, { now: at }), undefined);
  assert.ok(readSignedValue(secret, 'key', vector, { now: at + 31 * dayMs }));
  assert.equal(readSignedValue(secret, 'key', vector, { now: at + 32 * dayMs }), undefined);
  assert.equal(readSignedValue(secret, 'key', vector, { now: at + 2 * dayMs, maxAgeDays: 1 }), undefined);
});

test('refuses a value that is changed, truncated or extended at any byte', () => {
  for (let index = 0; index < vector.length; index++) {
    const digit = vector[index] === '0' ? '1' : '0';
    const changed = vector.slice(0, index) + digit + vector.slice(index + 1);
    assert.equal(readSignedValue(secret, 'key', changed, { now: at }), undefined, changed);
    assert.equal(readSignedValue(secret, 'key', vector.slice(0, index), { now: at }), undefined);
  }
  assert.equal(readSignedValue(secret, 'key', `${vector}0`, { now: at }), undefined);
  const zeroed = vector.replace(/[0-9a-f]{64}$/, '0'.repeat(64));
  assert.equal(readSignedValue(secret, 'key', zeroed, { now: at }), undefined);
});

const format1 = 'dmFsdWU=|1300000000|31c934969f53e48164c50768b40cbd7e2daaaa4f';

test('refuses format 1 and other formats', () => {
  for (const text of ['', 'x', '1|', format1, `3${vector.slice(1)}`, `02${vector.slice(1)}`]) {
    assert.equal(readSignedValue(secret, 'key', text, { now: at }), undefined, text);
  }
});

test('signs with one version of the secret and reads with all', () => {
  const keys = { 0: 'first secret', 1: 'second secret' };
  const old = createSignedValue(keys, 'key', 'value', { keyVersion: 0 });
  const fresh = createSignedValue(keys, 'key', 'value', { keyVersion: 1 });
  assert.equal(signingKeyVersion(old), 0);
  assert.equal(signingKeyVersion(fresh), 1);
  assert.equal(readSignedValue(keys, 'key', old)?.toString(), 'value');
  assert.equal(readSignedValue(keys, 'key', fresh)?.toString(), 'value');
  assert.equal(readSignedValue({ 1: 'second secret' }, 'key', old), undefined);
  assert.equal(readSignedValue(keys, 'key', fresh.replace('2|1:1', '2|1:0')), undefined);
  assert.equal(signingKeyVersion('nothing'), undefined);
});

const isSecretError = (error: unknown): boolean => error instanceof GaleError && error.code === 'WEB_SECRET';

test('the error names a missing key version', () => {
  assert.throws(() => createSignedValue({ 0: 'a' }, 'key', 'value', { keyVersion: 3 }), isSecretError);
  assert.throws(() => createSignedValue({ 0: 'a' }, 'key', 'value'), isSecretError);
  assert.throws(() => createSignedValue('a', 'key', 'value', { keyVersion: 3 }), {
    code: 'WEB_SECRET',
    message: /has no versions, so keyVersion must be omitted; got 3/,
  });
  assert.equal(signingKeyVersion(createSignedValue('a', 'key', 'value', { keyVersion: 0 })), 0);
});

test('two texts are the same only if their lengths and all characters are', () => {
  assert.ok(isSame('abc', 'abc'));
  assert.ok(!isSame('abc', 'abd'));
  assert.ok(!isSame('abc', 'abcd'));
});

test('an empty or wrong secret is an error that has the command for a good one, and never the secret', () => {
  for (const wrong of ['', { 0: '' }, { 0: 5 }, null, undefined, 12345] as unknown as CookieSecret[]) {
    for (const act of [
      (): unknown => createSignedValue(wrong, 'key', 'value', { keyVersion: 0 }),
      (): unknown => readSignedValue(wrong, 'key', vector),
      (): unknown => readSignedValue(wrong, 'key', 'forged'),
    ]) {
      assert.throws(act, {
        code: 'WEB_SECRET',
        message: /^cookieSecret must be [^;]+\. Make one with node -e "console\.log\(.*randomBytes\(32\).*\)"$/,
      });
    }
  }
  assert.throws(() => createSignedValue('', 'key', 'value'), isSecretError);
});

test('the command of the error makes a secret of 256 random bits', async () => {
  const program = /^node -e "(.*)"$/.exec(secretCommand)?.[1] ?? '';
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program]);
  assert.match(stdout, /^[\w-]{43}\n$/);
});

const wrongNumbers: [name: string, values: unknown[], range: string][] = [
  ['maxAgeDays', [Number.NaN, Infinity, -1, '5', null, 36_501, {}], 'a number from 0 to 36500'],
  ['now', [Number.NaN, -Infinity, -1, '0', new Date()], 'a number from 0 to 8640000000000000'],
];
for (const [name, values, range] of wrongNumbers) {
  test(`${name} must be a number in its range`, () => {
    const refused = { code: 'OPTION_VALUE', message: new RegExp(`^${name} must be ${range}; got .+\\.$`) };
    for (const value of values) {
      assert.throws(() => readSignedValue(secret, 'key', vector, { [name]: value }), refused);
      assert.throws(() => readSignedValue(secret, 'key', 'forged', { [name]: value }), refused);
      if (name === 'now') assert.throws(() => createSignedValue(secret, 'key', 'x', { now: value as number }), refused);
    }
  });
}

test('an age may be a fraction, and a version must be an integer', () => {
  assert.throws(() => readSignedValue(secret, 'key', vector, { maxAgeDays: Number.NaN }), {
    message: 'maxAgeDays must be a number from 0 to 36500; got NaN.',
  });
  assert.ok(readSignedValue(secret, 'key', vector, { now: at, maxAgeDays: 0.5 }));
  assert.equal(readSignedValue(secret, 'key', vector, { now: at + dayMs / 2 + 1, maxAgeDays: 0.5 }), undefined);
  for (const keyVersion of [Number.NaN, 1.5, -1, 1e9, '0', null] as number[]) {
    const refused = { code: 'OPTION_VALUE', message: /^keyVersion must be an integer from 0 to 999999999; got / };
    assert.throws(() => createSignedValue({ 0: 'a' }, 'key', 'x', { keyVersion }), refused);
  }
  assert.throws(() => readSignedValue(secret, 'key', vector, { maxAge: 1 } as object), { code: 'OPTION_UNKNOWN' });
});

test('signs bytes of every view, and refuses a value that is neither text nor bytes', () => {
  const { buffer } = Uint8Array.of(1, 2, 3, 4);
  const signed = createSignedValue(secret, 'key', new DataView(buffer, 1, 2) as unknown as Uint8Array, { now: at });
  assert.deepEqual(readSignedValue(secret, 'key', signed, { now: at }), Buffer.from([2, 3]));
  for (const value of [undefined, null, 5, {}, [1], Promise.resolve('x')] as unknown as string[]) {
    assert.throws(() => createSignedValue(secret, 'key', value), {
      code: 'OPTION_VALUE',
      message: /^value must be a string or bytes; got /,
    });
  }
  assert.throws(() => createSignedValue(secret, 5 as unknown as string, 'x'), {
    message: 'name must be a string that is not empty; got 5.',
  });
  assert.throws(() => createSignedValue(secret, '', 'x'), { message: /^name must be .*; got ""\.$/ });
  assert.throws(() => readSignedValue(secret, '', 'x'), { message: /^name must be .*; got ""\.$/ });
});
