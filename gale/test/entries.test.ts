import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readExportedNames } from '../../docs/exported-names.ts';
import { textOf } from './support/repository.ts';

const exported = await readExportedNames();

test('the entry gale exports at most 100 names', () => {
  const names = exported.filter(({ entry }) => entry === 'gale').map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.includes('Application'));
  assert.ok(names.length <= 100, `gale exports ${names.length} names; move some to another entry`);
});

test('a name that several entries export is the same in all of them', () => {
  const declarations = new Map<string, string>();
  for (const { entry, name, file, original } of exported) {
    const declaration = `${original} of ${file}`;
    const other = declarations.get(name);
    assert.ok(
      other === undefined || other === declaration,
      `${name} of ${entry} is ${declaration}, and is also ${other}`,
    );
    declarations.set(name, declaration);
  }
});

test('entries contain only exports of names from other files', async () => {
  for (const entry of new Set(exported.map((name) => name.entry))) {
    const path = `gale/src/${entry === 'gale' ? 'index' : entry.slice('gale/'.length)}.ts`;
    const text = await textOf(path);
    const rest = text.replaceAll(/^export (?:type )?\{[^}]*\} from '\.\/.*';$|^\/\/.*$|^\/\*\*[^*]*\*\/$/gm, '');
    assert.equal(rest.trim(), '', path);
  }
});

test('entries export at run time exactly the classes, functions and constants that are listed', async () => {
  for (const [entry, names] of Map.groupBy(exported, (name) => name.entry)) {
    const listed = names.filter(({ kind }) => kind !== 'type').map(({ name }) => name);
    assert.deepEqual(Object.keys((await import(entry)) as object).toSorted(), listed.toSorted(), entry);
  }
});
