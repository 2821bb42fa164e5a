import assert from 'node:assert/strict';
import { test } from 'node:test';
import { personNameProblem, readPersonName } from './person-name.ts';

test('nobody gets a name that is shown as a mention of everybody, or looks like one', () => {
  for (const name of ['all', 'All', ' ALL ', 'ａｌｌ', 'a11', 'aIl', '所有人', ' 所有人 '])
    assert.equal(personNameProblem(name), 'nameReserved', name);
});

test('names that only contain it are allowed, and others have the problems of all names', () => {
  for (const name of ['Allan', 'all of us', '所有人的朋友', 'Al']) assert.deepEqual(readPersonName(name), { name });
  assert.equal(personNameProblem(''), 'nameEmpty');
  assert.equal(personNameProblem('Аda'), 'nameScripts');
  assert.equal(personNameProblem('a'.repeat(1_000_000)), 'nameTooLong');
});
