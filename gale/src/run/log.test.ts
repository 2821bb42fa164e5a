import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const full = '/dev/full';
const module = fileURLToPath(new URL('log.ts', import.meta.url));

const program = `
import { createLogger } from ${JSON.stringify(module)};
const log = createLogger();
for (let line = 0; line < 3000; line++) log.warn({ text: 'x'.repeat(1000) }, 'A line');
process.stderr.write('goes on');
`;

test('a log that cannot be written does not throw', { skip: !existsSync(full) && 'there is no /dev/full' }, (t) => {
  const output = openSync(full, 'w');
  t.after(() => closeSync(output));
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', output, 'pipe'],
    encoding: 'utf8',
    timeout: 20_000,
  });
  assert.deepEqual({ status, stderr }, { status: 0, stderr: 'goes on' });
});
