import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { test } from 'node:test';
import { errorsPage, namesPage, optionsPage } from '../../docs/build-reference.ts';
import { filesBelow, root, textOf } from './support/repository.ts';

const documents = filesBelow('.').filter((path) => path.endsWith('.md'));

test('docs/reference/errors.md is up to date with the table of errors', async () => {
  assert.equal(await textOf('docs/reference/errors.md'), errorsPage(), 'run npm run build:reference');
});

test('docs/reference/options.md is up to date with the docstrings of the options', async () => {
  assert.equal(await textOf('docs/reference/options.md'), await optionsPage(), 'run npm run build:reference');
});

test('docs/reference/names.md is up to date with the entries of the package', async () => {
  assert.equal(await textOf('docs/reference/names.md'), await namesPage(), 'run npm run build:reference');
});

test('every error code is used', async () => {
  const sources = filesBelow('gale/src').filter((path) => path.endsWith('.ts') && !path.endsWith('gale/src/errors.ts'));
  const text = (await Promise.all(sources.map(textOf))).join('\n');
  const codes = [...errorsPage().matchAll(/^\| `(\w+)`/gm)].map((match) => match[1] ?? '');
  assert.ok(codes.length > 10);
  assert.deepEqual(
    codes.filter((code) => !text.includes(`'${code}'`)),
    [],
  );
});

test('docs/dependencies.md has exactly one entry per dependency', async () => {
  const page = await textOf('docs/dependencies.md');
  const names = new Set<string>();
  for (const path of filesBelow('.').filter((file) => posix.basename(file) === 'package.json')) {
    const manifest = JSON.parse(await textOf(path)) as Record<string, Record<string, string> | undefined>;
    for (const kind of ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies']) {
      for (const name of Object.keys(manifest[kind] ?? {})) names.add(name);
    }
  }
  const documented = new Set(
    [...page.matchAll(/^\| (`.*?) \|/gm)].flatMap((row) => row[1]?.match(/(?<=`)[^`, ]+(?=`)/g) ?? []),
  );
  assert.deepEqual([...documented].toSorted(), [...names].toSorted());
});

test('every link between documents has a target', async () => {
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

test('source files and folders that the documents name exist', async () => {
  const missing: string[] = [];
  let found = 0;
  for (const path of documents.filter((document) => document !== 'CHANGELOG.md')) {
    const text = await textOf(path);
    const files = [...text.matchAll(/`([\w.-]+\/[\w./-]+\.tsx?)`/g)].map(([, file = '']) => file);
    const folders = [...text.matchAll(/^(?:\| )?((?:gale|chat|examples|benchmarks|docs)\/[\w./-]*)(?= )/gm)];
    for (const target of [...files, ...folders.map(([, folder = '']) => folder)]) {
      found += 1;
      if (!['', 'gale/src/'].some((base) => existsSync(root + base + target))) missing.push(`${path}: ${target}`);
    }
  }
  assert.ok(found > 40, `${found} paths`);
  assert.deepEqual(missing, []);
});
