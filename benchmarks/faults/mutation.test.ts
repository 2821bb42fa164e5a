import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mutations } from './mutation.ts';

/** The line after the mutation with this name, with the first of all choices. */
function changed(name: string, line: string, random = 0): string | undefined {
  return mutations.find((mutation) => mutation.name === name)?.apply(line, () => random);
}

test('flips one comparison, and no arrow', () => {
  assert.equal(changed('comparison flipped', '  if (a < b && c === d) return;'), '  if (a <= b && c === d) return;');
  assert.equal(
    changed('comparison flipped', '  if (a < b && c === d) return;', 0.9),
    '  if (a < b && c !== d) return;',
  );
  assert.equal(changed('comparison flipped', '  const f = (a) => a;'), undefined);
});

test('drops an await, but none of a loop', () => {
  assert.equal(changed('await dropped', '  await this.close();'), '  void this.close();');
  assert.equal(changed('await dropped', '  const page = await read();'), '  const page = read();');
  assert.equal(changed('await dropped', '  for await (const row of rows) {'), undefined);
});

test('drops half of a condition with balanced parentheses', () => {
  assert.equal(changed('half of a condition dropped', '  if (a && f(b)) return;'), '  if (a) return;');
  assert.equal(changed('half of a condition dropped', '  if (a && f(b)) return;', 0.9), '  if (f(b)) return;');
  assert.equal(changed('half of a condition dropped', '  return a || b;', 0.9), '  return b;');
  assert.equal(changed('half of a condition dropped', '  if (f(a && b)) return;'), undefined);
});

test('drops a statement, and keeps the condition before it', () => {
  assert.equal(changed('statement dropped', '  this.#timer.stop();'), '  ;');
  assert.equal(changed('statement dropped', '  if (isOpen) this.close();'), '  if (isOpen) {}');
  assert.equal(changed('statement dropped', '    super(message);'), undefined);
  assert.equal(changed('statement dropped', '  const a = 5;'), undefined);
});

test('moves a constant by one, never below 0', () => {
  assert.equal(changed('constant moved by one', 'const max = 1_000;'), 'const max = 999;');
  assert.equal(changed('constant moved by one', 'const max = 1_000;', 0.9), 'const max = 1001;');
  assert.equal(changed('constant moved by one', 'let count = 0;'), 'let count = 1;');
  assert.equal(changed('constant moved by one', "const text = '5';"), undefined);
});
