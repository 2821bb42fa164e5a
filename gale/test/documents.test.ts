import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { test } from 'node:test';
import { errorsPage, optionsPage } from '../../docs/build-reference.ts';
import { filesBelow, root, textOf } from './support/repository.ts';

const documents = filesBelow('.').filter((path) => path.endsWith('.md'));

test('docs/reference/errors.md is what the table of errors says', async () => {
  assert.equal(await textOf('docs/reference/errors.md'), errorsPage(), 'run npm run build:reference');
});

test('docs/reference/options.md is what the docstrings of the options say', async () => {
  assert.equal(await textOf('docs/reference/options.md'), await optionsPage(), 'run npm run build:reference');
});

test('every error code is used somewhere', async () => {
  const sources = filesBelow('gale/src').filter((path) => path.endsWith('.ts') && !path.endsWith('gale/src/errors.ts'));
  const text = (await Promise.all(sources.map(textOf))).join('\n');
  const codes = [...errorsPage().matchAll(/^\| `(\w+)`/gm)].map((match) => match[1] ?? '');
  assert.ok(codes.length > 10);
  assert.deepEqual(
    codes.filter((code) => !text.includes(`'${code}'`)),
    [],
  );
});

test('every dependency has a line in docs/dependencies.md, and no line is about something else', async () => {
  const page = await textOf('docs/dependencies.md');
  const names = new Set<string>();
  for (const path of filesBelow('.').filter((file) => posix.basename(file) === 'package.json')) {
    const manifest = JSON.parse(await textOf(path)) as Record<string, Record<string, string> | undefined>;
    for (const kind of ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies']) {
      for (const name of Object.keys(manifest[kind] ?? {})) names.add(name);
    }
  }
  const told = new Set(
    [...page.matchAll(/^\| (`.*?) \|/gm)].flatMap((row) => row[1]?.match(/(?<=`)[^`, ]+(?=`)/g) ?? []),
  );
  assert.deepEqual([...told].toSorted(), [...names].toSorted());
});

test('every link between documents leads somewhere', async () => {
  const broken: string[] = [];
  for (const path of documents) {
    const text = (await textOf(path)).replaceAll(/^```.*?^```/gms, '');
    for (const [, target = ''] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const file = posix.join(posix.dirname(path), target);
      if (!existsSync(root + file)) broken.push(`${path}: ${target}`);
    }
  }
  assert.deepEqual(broken, []);
});
