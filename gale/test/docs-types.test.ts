/** Checks the types of the programs of all documents. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { programsOf, typeErrorsOf } from './support/document-program.ts';
import { filesBelow } from './support/repository.ts';

/** How many programs each document has. */
const counts: Readonly<Record<string, number>> = {
  'README.md': 2,
  'docs/guide/command-line.md': 1,
  'docs/guide/conditional-requests.md': 1,
  'docs/guide/first-application.md': 3,
  'docs/guide/forms.md': 3,
  'docs/guide/handlers.md': 2,
  'docs/guide/http-server.md': 2,
  'docs/guide/languages.md': 1,
  'docs/guide/middleware.md': 2,
  'docs/guide/processes.md': 1,
  'docs/guide/requests.md': 4,
  'docs/guide/responses.md': 3,
  'docs/guide/room-messages.md': 8,
  'docs/guide/rooms.md': 3,
  'docs/guide/routing.md': 4,
  'docs/guide/security.md': 1,
  'docs/guide/sessions.md': 4,
  'docs/guide/static-files.md': 2,
  'docs/guide/streaming.md': 4,
  'docs/guide/templates.md': 1,
  'docs/guide/testing.md': 3,
  'docs/guide/ui-modules.md': 2,
  'docs/guide/websocket-client.md': 3,
  'docs/guide/websocket.md': 2,
};

const programs: Record<string, readonly string[]> = {};
for (const path of filesBelow('.').filter((file) => file.endsWith('.md'))) {
  const own = await programsOf(path);
  if (own.length > 0) programs[path] = own;
}

test('every program of a document is found', () => {
  assert.deepEqual(Object.fromEntries(Object.entries(programs).map(([path, own]) => [path, own.length])), counts);
});

test('the programs of the documents have correct types', async (t) => {
  assert.equal(await typeErrorsOf(t, programs), '');
});

test('a wrong type in a program is found, with its document', async (t) => {
  const wrong = { 'docs/one.md': ["export const name: number = 'Ada';\n"], 'docs/two.md': ['export {};\n'] };
  assert.match(await typeErrorsOf(t, wrong), /docs\/one\.md\/0\.ts\(1,14\): error TS2322/);
});
