/** Output that cannot be written: a full disk, or a pipe whose reader has ended. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePort } from 'gale/testing';
import { temporaryFolder } from './support/chat-server.ts';
import { until } from './support/until.ts';

const [server, commands] = ['../server.ts', '../command/chat.ts'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
) as [string, string];
const full = '/dev/full';
const isMissing = !existsSync(full) && 'there is no /dev/full';

test('the chat serves people while neither its address nor its log can be written', { skip: isMissing }, async (t) => {
  const output = openSync(full, 'w');
  t.after(() => closeSync(output));
  const port = await freePort();
  const args = [`--port=${port}`, `--data=${await temporaryFolder(t)}`, '--logging=debug'];
  const child = spawn(process.execPath, ['--conditions=gale-source', server, ...args], {
    stdio: ['ignore', output, 'pipe'],
  });
  t.after(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  const health = `http://127.0.0.1:${port}/health`;
  await until(async () => {
    assert.equal(child.exitCode, null, 'the server runs');
    return fetch(health).then(
      ({ status }) => status === 200,
      () => false,
    );
  });
  const page = `http://127.0.0.1:${port}/setup`;
  // Each request is a line of the log.
  for (let count = 0; count < 20; count++)
    assert.equal((await fetch(page, { signal: AbortSignal.timeout(10_000) })).status, 200);
  assert.equal(child.exitCode, null);
});

test('a command whose output nobody reads ends quietly', async () => {
  const child = spawn(process.execPath, ['--conditions=gale-source', commands, '--help'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  const [errors] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  assert.deepEqual({ code: child.exitCode, errors }, { code: 0, errors: '' });
});

test('a command whose output does not fit says so', { skip: isMissing }, async (t) => {
  const output = openSync(full, 'w');
  t.after(() => closeSync(output));
  const child = spawn(process.execPath, ['--conditions=gale-source', commands, '--help'], {
    stdio: ['ignore', output, 'pipe'],
  });
  const [errors] = await Promise.all([text(child.stderr as NodeJS.ReadableStream), once(child, 'exit')]);
  assert.equal(child.exitCode, 1);
  assert.match(errors, /^The command is done, but its output cannot be written: .*ENOSPC.*\.\n$/);
});
