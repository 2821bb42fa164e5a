import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exchange } from './exchange.ts';
import { isGoneAfterGrace, mayFollow, stepAfterInput } from './half-close.ts';

/** As much of an exchange as the rules read. */
function exchangeWith(state: { requestEnded?: boolean; finished?: boolean; hasKnownLength?: boolean }): Exchange {
  const { requestEnded = false, finished = false, hasKnownLength = false } = state;
  return { requestEnded, response: { finished, hasKnownLength } } as Exchange;
}

test('without a request the connection continues with pending ones', () => {
  assert.equal(stepAfterInput(undefined, false), 'continue');
  assert.equal(stepAfterInput(undefined, true), 'continue');
});

test('a request that was read gets its response', () => {
  for (const isBroken of [false, true]) {
    assert.equal(stepAfterInput(exchangeWith({ requestEnded: true }), isBroken), 'respond');
  }
});

test('a request whose body ends early gets a response only if the body was malformed or too large', () => {
  assert.equal(stepAfterInput(exchangeWith({}), false), 'drop');
  assert.equal(stepAfterInput(exchangeWith({}), true), 'respond');
});

test('a response that was complete before the body ends the connection', () => {
  for (const isBroken of [false, true]) {
    assert.equal(stepAfterInput(exchangeWith({ finished: true }), isBroken), 'close');
  }
});

test('after the end of the input only pending requests may follow', () => {
  assert.equal(mayFollow(false, 0), true);
  assert.equal(mayFollow(true, 0), false);
  assert.equal(mayFollow(true, 1), true);
});

test('the client counts as gone after the grace, unless its response has a known length', () => {
  assert.equal(isGoneAfterGrace(undefined), false);
  assert.equal(isGoneAfterGrace(exchangeWith({})), true);
  assert.equal(isGoneAfterGrace(exchangeWith({ hasKnownLength: true })), false);
});
