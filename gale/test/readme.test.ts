import assert from 'node:assert/strict';
import { test } from 'node:test';
import { programsOf, startProgram } from './support/document-program.ts';

/** The TypeScript examples of the README, in order. */
const examples = await programsOf('README.md');

test('the README has the hello program and the room program', () => {
  assert.equal(examples.length, 2);
});

test('the hello program of the README greets the name in the path, in three lines', async (t) => {
  const [hello = ''] = examples;
  assert.equal(hello.trim().split('\n').length, 3);
  const { port } = await startProgram(t, hello);
  const response = await fetch(`http://localhost:${port}/hello/%E5%BC%A0%E4%B8%89`);
  assert.equal(await response.text(), 'Hello, 张三!');
});

test('the room program of the README stores a message and delivers it to its client, in thirty lines', async (t) => {
  const [, room = ''] = examples;
  assert.ok(room.trim().split('\n').length <= 30, room);
  const { child } = await startProgram(t, room);
  for await (const chunk of child.stdout) {
    assert.equal(String(chunk), 'lobby 1 Ada: Nothing gets lost.\n');
    return;
  }
  assert.fail('the program ended without output');
});
