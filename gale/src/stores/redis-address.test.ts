import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { GaleError } from '../errors.ts';
import { RedisAddress } from './redis-address.ts';

for (const [url, shown, database] of [
  ['redis://host', 'redis://host', 0],
  ['redis://host:6380/2', 'redis://host:6380/2', 2],
  ['redis://:secret@host:6380', 'redis://host:6380', 0],
  ['redis://:top@secret@host', 'redis://host', 0],
  ['redis://:top@secret@host:1/3', 'redis://host:1/3', 3],
  ['redis://:top:secret@host', 'redis://host', 0],
  ['redis://:top%40secret@host', 'redis://host', 0],
  ['redis://:%73ecret@host', 'redis://host', 0],
  ['redis://:12\\secret@host', 'redis://host', 0],
  ['redis://ada:secret@host', 'redis://host', 0],
  ['redis://secret@host', 'redis://host', 0],
  ['redis://secret:@host', 'redis://host', 0],
  ['redis://:secret word@host', 'redis://host', 0],
  ['redis://host/0?password=secret', 'redis://host/0', 0],
  ['rediss://ada:secret@[2001:db8::1]:6380/1', 'rediss://[2001:db8::1]:6380/1', 1],
  ['unix:///run/redis.sock', 'unix:///run/redis.sock', 0],
  ['unix:///run/redis@1.sock?db=4&password=secret', 'unix:///run/redis@1.sock', 4],
  ['unix://ada:secret@/run/redis.sock?db=4', 'unix:///run/redis.sock', 4],
] as const) {
  test(`shows ${url} as ${shown}`, () => {
    const address = new RedisAddress(url);
    assert.equal(address.url, url);
    assert.equal(address.shown, shown);
    assert.equal(address.database, database);
  });
}

for (const url of [
  '',
  'secret',
  'localhost:6379',
  'http://:secret@localhost',
  'redis:secret@host',
  'redis://',
  'redis://:secret@',
  'redis://:secret@host/x',
  'redis://:secret@host/-1',
  'redis://:secret@host/1.5',
  'redis://:%zz@host',
  'redis://host:secret',
  'redis://secret%40host',
  'redis://ada:12/secret@host',
  'redis://ada:12#secret@host',
  'redis://ada:12?secret@host',
  'redis://:top/secret@host',
  'unix://ada:top@secret@/run/redis.sock',
  'unix://secret@host/run/redis.sock',
  'unix:///',
  'unix:///run/redis.sock?db=secret',
  'unix:///run/redis.sock#secret',
]) {
  test(`refuses ${url || 'an empty URL'} and does not repeat it`, () => {
    assert.throws(
      () => new RedisAddress(url),
      (error) => {
        assert.ok(error instanceof GaleError);
        assert.equal(error.code, 'OPTION_VALUE');
        assert.doesNotMatch(inspect(error), /secret|%zz/);
        assert.equal(error.cause, undefined);
        return true;
      },
    );
  });
}

test('removes the secret from what an error says, in each spelling', () => {
  const url = 'redis://ada:top%40se%63ret@host:6380/1';
  const reasonOf = (error: unknown): string => new RedisAddress(url).reasonOf(error);
  for (const spelling of ['top@secret', 'top%40secret', 'top%40se%63ret', url]) {
    assert.equal(reasonOf(new Error(`no way to ${spelling}, none`)), 'no way to ***, none');
  }
  assert.equal(
    reasonOf(new Error("ERR unknown command 'SET', with args beginning with: 'chat:cookie-secret' 'abc'")),
    "ERR unknown command 'SET', with args beginning with: '***'",
  );
  assert.equal(reasonOf(Object.assign(new Error(''), { code: 'ECONNREFUSED' })), 'ECONNREFUSED');
  assert.equal(new RedisAddress('redis://secret@host').reasonOf(new Error('user secret')), 'user ***');
  assert.equal(new RedisAddress('redis://ada:secret@host').reasonOf(new Error('user ada')), 'user ada');
});
