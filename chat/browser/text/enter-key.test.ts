import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSendKey, type KeyPress } from './enter-key.ts';

const enter: KeyPress = {
  key: 'Enter',
  keyCode: 13,
  isComposing: false,
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
};

test('sends on Enter, but not on Shift+Enter, Alt+Enter or other keys', () => {
  assert.ok(isSendKey(enter, false, false));
  assert.ok(isSendKey({ ...enter, ctrlKey: true }, false, false));
  assert.ok(!isSendKey({ ...enter, shiftKey: true }, false, false));
  assert.ok(!isSendKey({ ...enter, altKey: true }, false, false));
  assert.ok(!isSendKey({ ...enter, key: 'a' }, false, false));
});

test('never sends on the Enter that ends a composition, in any browser', () => {
  assert.ok(!isSendKey({ ...enter, isComposing: true }, false, false), 'while composing');
  assert.ok(!isSendKey({ ...enter, keyCode: 229 }, false, false), 'after the composition, as Safari has it');
  assert.ok(!isSendKey(enter, true, false), 'in the task in which it ended');
  assert.ok(!isSendKey({ ...enter, ctrlKey: true, isComposing: true }, false, false), 'with Ctrl');
});

test('on a touch screen sends only on Ctrl+Enter or Cmd+Enter', () => {
  assert.ok(!isSendKey(enter, false, true));
  assert.ok(isSendKey({ ...enter, metaKey: true }, false, true));
});

test('with the choice of Ctrl+Enter, Enter alone begins a line', () => {
  assert.ok(!isSendKey(enter, false, false, 'ctrl-enter'));
  assert.ok(isSendKey({ ...enter, ctrlKey: true }, false, false, 'ctrl-enter'));
  assert.ok(isSendKey({ ...enter, metaKey: true }, false, false, 'ctrl-enter'));
});
