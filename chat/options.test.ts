import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { serverOptions } from './options.ts';

test('docs/guide/limits.md names every number of npm start but the port', async () => {
  const guide = await readFile(new URL('../docs/guide/limits.md', import.meta.url), 'utf8');
  const numbers = [...serverOptions.help('').matchAll(/^ *(--[a-z-]+)=N/gm)].map(([, name = '']) => name);
  assert.ok(numbers.length > 20, `${numbers.length} numbers`);
  assert.deepEqual(
    numbers.filter((name) => name !== '--port' && !guide.includes(`\`${name}\``)),
    [],
  );
});
