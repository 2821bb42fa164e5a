import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashPassword, verifyPassword } from './password-hash.ts';

const cheap = { memoryKib: 64, passes: 1, lanes: 1 };

test('a hash is a PHC string with the parameters that OWASP recommends', async () => {
  const hash = await hashPassword('correct horse');
  assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.deepEqual(await verifyPassword(hash, 'correct horse'), { matches: true, outdated: false });
  assert.deepEqual(await verifyPassword(hash, 'correct horsf'), { matches: false, outdated: false });
});

test('verifies a hash of the reference implementation', async () => {
  // argon2 of the reference repository: echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1
  const hash = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  assert.deepEqual(await verifyPassword(hash, 'password'), { matches: true, outdated: true });
});

test('two hashes of one password differ', async () => {
  assert.notEqual(await hashPassword('same', cheap), await hashPassword('same', cheap));
});

test('verifies a hash of another cost and reports it as outdated', async () => {
  const hash = await hashPassword('correct horse', cheap);
  assert.deepEqual(await verifyPassword(hash, 'correct horse'), { matches: true, outdated: true });
  assert.deepEqual(await verifyPassword(hash, 'correct horse', cheap), { matches: true, outdated: false });
});

test('composed and decomposed characters are the same password', async () => {
  const hash = await hashPassword('Jose\u0301 密码', cheap);
  assert.equal((await verifyPassword(hash, 'Jos\u00e9 密码', cheap)).matches, true);
});

test('throws for a text that is not a hash', async () => {
  await assert.rejects(verifyPassword('plain text', 'plain text'), /not an argon2id PHC string/);
});
