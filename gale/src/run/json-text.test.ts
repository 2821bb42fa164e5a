import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { json, assert as forAll, property } from 'fast-check';
import { GaleError } from '../errors.ts';
import { assertJsonValue, toJsonText, type JsonRule } from './json-text.ts';

const rule: JsonRule = { must: 'value must be JSON', code: 'JSON_VALUE' };

/** The end of the message of the error, without the rule. */
function refusalOf(value: unknown): string {
  try {
    return `no error: ${toJsonText(value, rule)}`;
  } catch (error) {
    assert.ok(error instanceof GaleError && error.code === 'JSON_VALUE', String(error));
    return /^value must be JSON; got (.*)\.$/.exec(error.message)?.[1] ?? error.message;
  }
}

test('writes any JSON as JSON.stringify does', () => {
  forAll(
    property(json(), (text) => assert.equal(toJsonText(JSON.parse(text), rule), JSON.stringify(JSON.parse(text)))),
  );
});

class Point {
  readonly x = 1;
  #secret = 2;
  get sum(): number {
    return this.x + this.#secret;
  }
}

class Money {
  #cents = 5;
  toJSON(): unknown {
    return { cents: this.#cents };
  }
}

const written: [value: unknown, text: string][] = [
  [{ a: undefined, b: () => 1, [Symbol('c')]: 1, d: {}, e: [] }, '{"d":{},"e":[]}'],
  [{ __proto__: null, a: 1 }, '{"a":1}'],
  [new Point(), '{"x":1}'],
  [[new Money(), new Date(0), new URL('http://a/')], '[{"cents":5},"1970-01-01T00:00:00.000Z","http://a/"]'],
  [{ bytes: Buffer.from('a') }, '{"bytes":{"type":"Buffer","data":[97]}}'],
  [runInNewContext('({ a: {}, b: [] })'), '{"a":{},"b":[]}'],
  [{ text: '{}', 0: 'zero' }, '{"0":"zero","text":"{}"}'],
  [Array.from({ length: 2 }), '[null,null]'],
  [null, 'null'],
  [1, '1'],
];
for (const [value, text] of written) {
  test(`writes ${text}`, () => assert.equal(toJsonText(value, rule), text));
}

class Empty {
  #secret = 1;
  get twice(): number {
    return this.#secret * 2;
  }
}

const refused: [value: () => unknown, message: RegExp][] = [
  [() => undefined, /^undefined, which JSON does not have$/],
  [() => () => 1, /^a function; call it$/],
  [() => Symbol('x'), /^a symbol; use its description$/],
  [() => 1n, /^a BigInt; use String\(value\)$/],
  [() => Number.NaN, /^NaN, which JSON does not have; use null$/],
  [() => -Infinity, /^-Infinity, which JSON does not have; use null$/],
  [() => new Date(Number.NaN), /^an invalid Date; use null$/],
  [
    () =>
      (function (..._values: readonly number[]): unknown {
        // oxlint-disable-next-line prefer-rest-params -- The object itself is refused.
        return arguments;
      })(1, 2),
    /^an arguments object; use Array\.from\(x\)$/,
  ],
  [() => Promise.resolve(1), /^a promise; await it$/],
  // oxlint-disable-next-line unicorn/no-thenable -- A promise of a library.
  [() => Object.create({ then: () => undefined }) as unknown, /^a promise; await it$/],
  [() => new Map([[1, 2]]), /^a Map; use Object\.fromEntries\(map\)$/],
  [() => new (class Names extends Map {})(), /^a Map; use/],
  [() => new Set([1]), /^a Set; use Array\.from\(set\)$/],
  [() => new WeakMap(), /^a WeakMap; its entries cannot be listed/],
  [() => new WeakSet(), /^a WeakSet; /],
  [() => new WeakRef({}), /^a WeakRef; /],
  [() => new Error('secret'), /^an error \(Error\); throw it, or use its message$/],
  [() => Object.assign(new TypeError('secret'), { code: 'X' }), /^an error \(TypeError\); /],
  [() => runInNewContext('new Error("x")'), /^an error; throw it/],
  [() => runInNewContext('new Map()'), /^a Map; /],
  [() => /x/, /^a RegExp; use its source$/],
  [() => new Response('x'), /^a Response; await its json\(\), text\(\) or arrayBuffer\(\)$/],
  [() => new Request('http://a/'), /^a Request; /],
  [() => new Blob(['x']), /^a Blob; await its text\(\) or arrayBuffer\(\)$/],
  [() => new File(['x'], 'y'), /^a File; /],
  [() => new Headers({ a: 'b' }), /^a Headers; use Object\.fromEntries\(headers\)$/],
  [() => new FormData(), /^a FormData; /],
  [() => new URLSearchParams('a=1'), /^a URLSearchParams; use its toString\(\)$/],
  [() => new ReadableStream(), /^a ReadableStream; send each chunk of `for await/],
  [() => Readable.from(['x']), /^a stream; send each chunk of `for await/],
  [() => (function* () {})(), /^an iterator; use Array\.from\(x\)$/],
  [() => (async function* () {})(), /^an async iterator; send each chunk/],
  [() => [1].values(), /^an iterator; use Array\.from\(x\)$/],
  [() => new Map().keys(), /^an iterator; /],
  [() => 'abc'.matchAll(/b/g), /^an iterator; /],
  [
    () =>
      new (class {
        *[Symbol.iterator](): Generator<number> {
          yield 1;
        }
      })(),
    /^an iterable; use Array\.from\(x\)$/,
  ],
  [() => new Uint8Array(2), /^bytes \(Uint8Array\); send bytes alone, or as base64 text$/],
  [() => new DataView(new ArrayBuffer(2)), /^bytes \(DataView\); /],
  [() => new ArrayBuffer(2), /^bytes \(ArrayBuffer\); /],
  [() => new Empty(), /^an instance of Empty without enumerable properties; give the class a toJSON method$/],
  [() => ({ toJSON: () => undefined }), /^an object whose toJSON returns undefined$/],
];
for (const [make, message] of refused) {
  const value = make();
  test(`refuses ${String(message)}`, () => assert.match(refusalOf(value), message));
}

test('names the place of a value that JSON would lose below the top', () => {
  assert.equal(
    refusalOf({ user: { tags: [1, new Set([2])] } }),
    'an object with a Set at user.tags[1]; use Array.from(set)',
  );
  assert.equal(refusalOf([{ 'a b': Promise.resolve() }]), 'an object with a promise at [0]["a b"]; await it');
  assert.match(refusalOf({ a: {}, b: [new Error('x')] }), /^an object with an error \(Error\) at b\[0\]; throw it/);
  assert.match(refusalOf({ a: { b: new Uint16Array(3) } }), /^an object with bytes \(Uint16Array\) at a\.b; /);
  assert.equal(refusalOf({ a: [null, Number.NaN] }), 'an object with NaN at a[1], which JSON does not have; use null');
  assert.equal(refusalOf([{ b: Infinity }]), 'an object with Infinity at [0].b, which JSON does not have; use null');
  assert.equal(refusalOf({ at: new Date(Number.NaN) }), 'an object with an invalid Date at at; use null');
  assert.match(refusalOf({ a: new Empty() }), /^an object with an instance of Empty without .* at a; give/);
});

test('names the place of a BigInt and of a cycle, and keeps the error as the cause', () => {
  assert.equal(refusalOf({ a: [{ big: 5n }] }), 'an object with a BigInt at a[0].big; use String(value)');
  const top: { name: string; list: unknown[] } = { name: 'x', list: [] };
  top.list.push({ parent: top });
  assert.match(refusalOf(top), /^an object with a cycle: list\[0\]\.parent is the object itself; send only/);
  const inner: { self?: unknown } = {};
  inner.self = inner;
  assert.match(refusalOf({ inner }), /^an object with a cycle: inner\.self is inner; /);
  assert.throws(
    () => toJsonText(top, rule),
    (error: Error) => error.cause instanceof TypeError,
  );
});

test('finds the reason for an error among many shared objects', () => {
  let shared: unknown = { leaf: true };
  // 2^60 paths lead to the leaf; the cycle comes before them.
  for (let depth = 0; depth < 60; depth++) shared = [shared, shared];
  const top: Record<string, unknown> = {};
  top['first'] = { top };
  top['shared'] = shared;
  assert.match(refusalOf(top), /^an object with a cycle: first\.top is the object itself/);
});

test('a refused promise that rejects is not an unhandled rejection', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  assert.equal(refusalOf(Promise.reject(new Error('late'))), 'a promise; await it');
  assert.match(refusalOf([{ late: Promise.reject(new Error('late')) }]), /a promise at \[0\]\.late; await it/);
  // Node.js reports them after the microtasks of the turn.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  assert.deepEqual(unhandled, []);
});

test('throws an error of toJSON or of a getter unchanged', () => {
  const fault = new TypeError('no price');
  const failing = {
    toJSON: (): never => {
      throw fault;
    },
  };
  assert.throws(
    () => toJsonText({ failing }, rule),
    (error) => error === fault,
  );
});

test('the check of a value alone does not read its properties', () => {
  assertJsonValue(
    {
      get a(): never {
        throw new Error('read');
      },
    },
    rule,
  );
  assert.throws(() => assertJsonValue(new Map(), rule), { code: 'JSON_VALUE' });
});
