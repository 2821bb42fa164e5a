import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { JsonSyntaxError, parseJson } from './json-syntax.ts';

const faultOf = (text: string): string => {
  try {
    parseJson(text);
  } catch (error) {
    assert.ok(error instanceof JsonSyntaxError, text);
    return error.message;
  }
  throw new Error(`${text} was parsed`);
};

test('says where a text stops to be JSON, and what was expected', () => {
  for (const [text, message] of [
    ['{"a":1,}', 'expected a name in double quotes at line 1, column 8'],
    ['{\n  "a": 1\n  "b": 2\n}', 'expected , or } at line 3, column 3'],
    ['[1 2]', 'expected , or ] at line 1, column 4'],
    ['[1,]', 'expected a value at line 1, column 4'],
    ['[', 'unexpected end, expected a value or ] at line 1, column 2'],
    ['{', 'unexpected end, expected a name in double quotes or } at line 1, column 2'],
    ['{"a"', 'unexpected end, expected : at line 1, column 5'],
    ["{'a':1}", 'expected a name in double quotes or } at line 1, column 2'],
    ['{"a" 1}', 'expected : at line 1, column 6'],
    ['undefined', 'expected a value at line 1, column 1'],
    ['NaN', 'expected a value at line 1, column 1'],
    ['01', 'expected a value at line 1, column 1'],
    ['[1.]', 'expected a value or ] at line 1, column 2'],
    ['{"a":tru}', 'expected a value at line 1, column 6'],
    ['"a\nb"', 'a control character in a string must be escaped at line 1, column 3'],
    ['"\\x41"', 'a string has an unknown escape at line 1, column 2'],
    ['"abc', 'unexpected end of a string at line 1, column 5'],
    ['{} {}', 'unexpected text after the value at line 1, column 4'],
    ['\u00a01', 'expected a value at line 1, column 1'],
  ] as const) {
    assert.equal(faultOf(text), message, text);
  }
});

test('refuses a member __proto__ at any depth, also with escapes, and allows it as a value', () => {
  assert.equal(faultOf('{"__proto__":{}}'), 'the name __proto__ is refused at line 1, column 2');
  assert.equal(faultOf('[{"a":{"\\u005f_pr\\u006fto__" : 1}}]'), 'the name __proto__ is refused at line 1, column 8');
  assert.deepEqual(parseJson('["__proto__",{"a\\"__proto__":1}]'), ['__proto__', { 'a"__proto__': 1 }]);
});

test('refuses a number that would become Infinity, and no other', () => {
  const digits = '9'.repeat(400);
  for (const [text, column] of [
    ['{"a":1e999}', 6],
    ['[1,-1E+0309]', 4],
    [`[${digits}]`, 2],
    [`"1e999"`, 0],
    [`[${'1'.repeat(290)}e+20]`, 2],
    ['{"1e999":[1e308,1e-999,-1.7976931348623157e308,0e9999]}', 0],
    [`["${digits}"]`, 0],
    [`[0.${digits}]`, 0],
  ] as const) {
    if (column === 0) assert.doesNotThrow(() => JSON.stringify(parseJson(text)), text);
    else assert.equal(faultOf(text), `the number is too large at line 1, column ${column}`, text);
  }
});

test('a text over 64 KiB gets the position that the engine names, and no long search', () => {
  const long = `{"a":[${'1,'.repeat(500_000)}`;
  assert.match(faultOf(`${long}}`), /^unexpected text/);
  assert.match(faultOf(`${'\n'.repeat(70_000)}{"a":1,}`), /^unexpected text at line 70001, column 8$/);
  assert.match(faultOf(long), /^unexpected end at line 1, column 1000007$/);
});

test('accepts exactly what JSON.parse accepts except the name __proto__ and Infinity, for texts with random changes', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '0',
    '1.5e3',
    '-',
    'true',
    'null',
    ' ',
    '\n',
    'x',
  );
  const changed = fc.tuple(fc.json(), fc.nat(), fc.nat(3), pieces).map(([text, at, removed, piece]) => {
    const index = at % (text.length + 1);
    return text.slice(0, index) + piece + text.slice(index + removed);
  });
  fc.assert(
    fc.property(
      fc.oneof(
        changed,
        fc.array(pieces).map((list) => list.join('')),
      ),
      (text) => {
        let value: unknown;
        let isValid = true;
        try {
          value = JSON.parse(text);
        } catch {
          isValid = false;
        }
        let isInfinite = false;
        if (isValid) {
          JSON.parse(text, (_, part: unknown) => {
            isInfinite ||= part === Infinity || part === -Infinity;
            return part;
          });
        }
        if (isValid && (isInfinite || JSON.stringify(value).includes('"__proto__":'))) {
          return assert.match(faultOf(text), /^the (?:name __proto__ is refused|number is too large)/);
        }
        if (isValid) return void parseJson(text);
        // Without a fault, the message would be this one.
        assert.doesNotMatch(faultOf(text), /^unexpected end at/);
      },
    ),
    { numRuns: 2_000, examples: [['{"__proto__":1}'], ['[{"a":{"__proto__":""}}]']] },
  );
});

test('finds a fault in deeply nested and in large texts', () => {
  assert.match(faultOf('['.repeat(500_000)), /^unexpected end/);
  assert.match(faultOf(`"${'\\n'.repeat(500_000)}`), /^unexpected end of a string/);
  assert.match(faultOf(`{"__proto__":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), /__proto__/);
});
