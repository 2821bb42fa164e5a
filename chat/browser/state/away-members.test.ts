import assert from 'node:assert/strict';
import { test } from 'node:test';
import { awayMembers } from './away-members.ts';

const ada = { id: 'a', name: 'Ada' };
const bob = { id: 'b', name: 'Bob' };
const eve = { id: 'e', name: 'Eve' };
const list = [ada, bob, eve].map((person) => ({ ...person, role: 'member' as const }));
const members = { list, count: 5 };

function away(people: readonly (typeof ada)[] | undefined): unknown {
  const { list: found, count } = awayMembers({ people }, members, ada);
  return { names: found.map(({ name }) => name), count };
}

test('the members who are not present are away, in a big room all may be', () => {
  assert.deepEqual(away([ada, bob]), { names: ['Eve'], count: 3 });
  assert.deepEqual(away(undefined), { names: ['Ada', 'Bob', 'Eve'], count: 5 });
});

test('the reader is never away, and nobody is as long as nobody is known to be present', () => {
  assert.deepEqual(away([bob]), { names: ['Eve'], count: 3 });
  assert.deepEqual(away([]), { names: [], count: 0 });
});
