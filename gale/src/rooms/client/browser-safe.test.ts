import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { test } from 'node:test';
import { importsOf, textOf } from '../../../test/support/repository.ts';

test('gale/client imports nothing that needs Node.js', async () => {
  const paths = new Set(['gale/src/client.ts']);
  for (const path of paths) {
    // Type imports do not exist at run time.
    const text = (await textOf(path)).replaceAll(/^(?:import|export) type [^;]*;$/gm, '');
    // Comments and messages are not code.
    const code = text.replaceAll(/\/\*.*?\*\/|\/\/[^\n]*|'[^'\n]*'/gs, '');
    assert.doesNotMatch(code, /\b(Buffer|process|NodeJS|setImmediate)\b/, path);
    for (const specifier of importsOf(text)) {
      assert.match(specifier, /^\.{1,2}\//, `${path} imports ${specifier}`);
      paths.add(posix.join(posix.dirname(path), specifier));
    }
  }
  assert.ok(paths.size > 5, [...paths].join(' '));
});
