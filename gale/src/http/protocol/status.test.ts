import assert from 'node:assert/strict';
import { STATUS_CODES } from 'node:http';
import { test } from 'node:test';
import { reasonPhrase, reasonPhrases } from './status.ts';

test('the reason phrases are those of Node.js, except those that no registry has and where RFC 9110 renamed them', () => {
  const { 509: _bandwidth, 510: _extended, ...known } = STATUS_CODES;
  assert.deepEqual({ ...reasonPhrases }, { ...known, 413: 'Content Too Large', 422: 'Unprocessable Content' });
});

test('the phrase of an unregistered status is Unknown', () => {
  assert.equal(reasonPhrase(451), 'Unavailable For Legal Reasons');
  assert.equal(reasonPhrase(299), 'Unknown');
});
