import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Logger } from 'gale';
import { secretFromEnvironment, secretFromFolder } from './cookie-secret.ts';
import { StartError } from './start-error.ts';

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gale-secret-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

const quiet = (): void => {};

function listening(): { log: Logger; warnings: string[] } {
  const warnings: string[] = [];
  return { warnings, log: { debug: quiet, info: quiet, warn: (_, message) => warnings.push(message), error: quiet } };
}

test('the first start creates a secret of 256 bits that only its owner can read', async (t) => {
  const folder = await folderFor(t);
  const { log, warnings } = listening();
  const secret = await secretFromFolder(folder, log);
  assert.equal(Buffer.from(secret, 'base64url').byteLength, 32);
  assert.equal((await stat(join(folder, 'cookie-secret'))).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(folder), ['cookie-secret']);
  assert.equal(await secretFromFolder(folder, log), secret);
  assert.deepEqual(warnings, []);
});

test('concurrent starts get the same secret', async (t) => {
  const folder = await folderFor(t);
  const { log } = listening();
  const secrets = await Promise.all(Array.from({ length: 8 }, () => secretFromFolder(folder, log)));
  assert.equal(new Set(secrets).size, 1);
  assert.deepEqual(await readdir(folder), ['cookie-secret']);
});

test('warns about a secret that others can read; rejects an invalid one and does not change it', async (t) => {
  const folder = await folderFor(t);
  const path = join(folder, 'cookie-secret');
  const { log, warnings } = listening();
  await secretFromFolder(folder, log);
  await chmod(path, 0o644);
  await secretFromFolder(folder, log);
  assert.deepEqual(warnings, ['Other users can read the cookie secret; chmod 600 it']);
  await writeFile(path, '\n');
  await assert.rejects(secretFromFolder(folder, log), StartError);
  assert.equal(await readFile(path, 'utf8'), '\n');
});

test('prefers the secret of the environment, and rejects a short one', () => {
  assert.equal(secretFromEnvironment({}), undefined);
  assert.equal(secretFromEnvironment({ COOKIE_SECRET: '' }), undefined);
  assert.equal(secretFromEnvironment({ COOKIE_SECRET: 'x'.repeat(32) }), 'x'.repeat(32));
  assert.throws(() => secretFromEnvironment({ COOKIE_SECRET: 'secret' }), StartError);
});
