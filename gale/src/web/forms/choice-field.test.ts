import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sent } from '../../../test/support/web/form-request.ts';
import { checkboxField } from './checkbox-field.ts';
import { choiceField, multipleChoiceField } from './choice-field.ts';
import { Choices } from './choices.ts';

const label = 'Color';
const choices = ['red', 'blue'] as const;

test('a choice is one of those that are offered', () => {
  for (const display of ['select', 'radio'] as const) {
    const field = choiceField({ label, choices, display });
    assert.deepEqual(field.read(sent('red')), { value: 'red' });
    for (const text of ['green', 'RED', ' red', 'red ', 'constructor', '__proto__', '']) {
      assert.deepEqual(field.read(sent(text)), { rule: 'choice' }, text);
    }
    assert.deepEqual(field.read(sent()), { rule: 'choice' });
    assert.deepEqual(field.read(sent('red', 'blue')), { rule: 'several' });
    assert.deepEqual(field.keep(sent('green')), []);
  }
  assert.deepEqual(choiceField({ label, choices, required: false }).read(sent('')), { value: undefined });
  assert.deepEqual(choiceField({ label, choices, required: false }).read(sent('green')), { rule: 'choice' });
});

test('the choices of one form replace those of the field', () => {
  const field = choiceField({ label, choices: [] });
  const of = new Choices({ lobby: 'The lobby' });
  assert.deepEqual(field.read({ ...sent('lobby'), choices: of }), { value: 'lobby' });
  assert.deepEqual(field.read(sent('lobby')), { rule: 'choice' });
});

test('several choices are in the order of the request, each at most once', () => {
  const field = multipleChoiceField({ label, choices: { a: 'A', b: 'B', c: 'C' }, maxCount: 2 });
  assert.deepEqual(field.read(sent()), { value: [] });
  assert.deepEqual(field.read(sent('c', 'a')), { value: ['c', 'a'] });
  assert.deepEqual(field.read(sent('a', 'a')), { rule: 'several' });
  assert.deepEqual(field.read(sent('a', 'd')), { rule: 'choice' });
  assert.deepEqual(field.read(sent('')), { rule: 'choice' });
  assert.deepEqual(field.read(sent('a', 'b', 'c')), { rule: 'tooMany', values: { count: 2 } });
  const texts = Array.from({ length: 10_000 }, (_, index) => `x${index}`);
  assert.deepEqual(field.read(sent(...texts)), { rule: 'several' });
  assert.deepEqual(field.keep(sent(...texts)), []);
  const required = multipleChoiceField({ label, choices, required: true });
  assert.deepEqual(required.read(sent()), { rule: 'tooFew', values: { count: 1 } });
});

test('a checkbox is true or false, and a required one must be checked', () => {
  const field = checkboxField({ label });
  assert.deepEqual(field.read(sent()), { value: false });
  assert.deepEqual(field.read(sent('on')), { value: true });
  for (const text of ['', 'off', 'false', '1']) assert.deepEqual(field.read(sent(text)), { rule: 'choice' }, text);
  assert.deepEqual(field.read(sent('on', 'on')), { rule: 'several' });
  assert.deepEqual(checkboxField({ label, required: true }).read(sent()), { rule: 'checked' });
});
