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

test('Enter sends; with Shift or Alt it breaks the line; other keys do nothing', () => {
  assert.ok(isSendKey(enter, false, false));
  assert.ok(isSendKey({ ...enter, ctrlKey: true }, false, false));
  assert.ok(!isSendKey({ ...enter, shiftKey: true }, false, false));
  assert.ok(!isSendKey({ ...enter, altKey: true }, false, false));
  assert.ok(!isSendKey({ ...enter, key: 'a' }, false, false));
});

test('the Enter that ends a composition never sends, however the browser tells', () => {
  assert.ok(!isSendKey({ ...enter, isComposing: true }, false, false), 'while composing');
  assert.ok(!isSendKey({ ...enter, keyCode: 229 }, false, false), 'after the composition, as Safari has it');
  assert.ok(!isSendKey(enter, true, false), 'in the task in which it ended');
  assert.ok(!isSendKey({ ...enter, ctrlKey: true, isComposing: true }, false, false), 'with Ctrl');
});

test('under a finger Enter breaks the line, and Ctrl or Cmd with Enter sends', () => {
  assert.ok(!isSendKey(enter, false, true));
  assert.ok(isSendKey({ ...enter, metaKey: true }, false, true));
});
