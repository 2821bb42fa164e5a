import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findPeople } from './find-people.ts';

const people = ['Ada Lovelace', 'Zoë', '欧阳娜娜', 'ＡＢＣ', 'مريم'].map((name) => ({ id: name, name }));

for (const [query, names] of [
  ['', ['Ada Lovelace', 'Zoë', '欧阳娜娜', 'ＡＢＣ', 'مريم']],
  ['  ', ['Ada Lovelace', 'Zoë', '欧阳娜娜', 'ＡＢＣ', 'مريم']],
  ['LOVE', ['Ada Lovelace']],
  ['lace ada', ['Ada Lovelace']],
  ['zoe', ['Zoë']],
  ['娜', ['欧阳娜娜']],
  ['abc', ['ＡＢＣ']],
  ['ada bob', []],
] as const) {
  test(`${JSON.stringify(query)} finds ${names.join(', ') || 'nobody'}`, () => {
    assert.deepEqual(
      findPeople(people, query).map(({ name }) => name),
      names,
    );
  });
}
