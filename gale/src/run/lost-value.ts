/** Values that JSON writes as `{}`, as `null` or not at all, described with what to use instead. Runs in browsers too. */

/**
 * Describes a value that JSON cannot write.
 *
 * @returns The value and what to use instead: `a Map; use Object.fromEntries(map)`. `undefined` if JSON can write it. Its
 *   properties are not checked.
 */
export function describeLoss(value: unknown): string | undefined {
  switch (typeof value) {
    case 'undefined':
      return 'undefined, which JSON does not have';
    case 'function':
      return 'a function; call it';
    case 'symbol':
      return 'a symbol; use its description';
    case 'bigint':
      return 'a BigInt; use String(value)';
    case 'number':
      return Number.isFinite(value) ? undefined : `${value}, which JSON does not have; use null`;
    case 'object':
      if (value === null || Array.isArray(value)) return undefined;
      return hasPlainPrototype(value) && tagOf(value) !== 'Arguments' ? undefined : describeObject(value);
    default:
      return undefined;
  }
}

/** Marks a promise that was not awaited as handled: the error says so, and its rejection must not end the process too. */
export function ignoreRejection(value: unknown): void {
  if (value instanceof Promise) value.catch(() => {});
}

/** The path of a property in a message: `user.tags[0]["first name"]`. */
export function propertyPath(keys: readonly (string | number)[]): string {
  return keys
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`;
      if (/^[A-Za-z_$][\w$]{0,79}$/.test(key)) return index === 0 ? key : `.${key}`;
      return `[${JSON.stringify(key.slice(0, 80))}]`;
    })
    .join('');
}

const listAdvice = 'use Array.from(x)';
const bodyAdvice = 'await its json(), text() or arrayBuffer()';
const streamAdvice = 'send each chunk of `for await (const chunk of x)`';
const bytesAdvice = 'send bytes alone, or as base64 text';

/** Tags of the objects that JSON writes as their primitive value. */
const boxes: readonly string[] = ['String', 'Number', 'Boolean'];

/** By the tag of `Object.prototype.toString`. */
const advice: Readonly<Record<string, string>> = {
  Arguments: listAdvice,
  Map: 'use Object.fromEntries(map)',
  Set: 'use Array.from(set)',
  WeakMap: 'its entries cannot be listed, so use a Map',
  WeakSet: 'its values cannot be listed, so use a Set',
  WeakRef: 'use the object of deref()',
  RegExp: 'use its source',
  Response: bodyAdvice,
  Request: bodyAdvice,
  Blob: bodyAdvice.replace('json(), ', ''),
  File: bodyAdvice.replace('json(), ', ''),
  Headers: 'use Object.fromEntries(headers)',
  FormData: 'use Object.fromEntries(form)',
  URLSearchParams: 'use its toString()',
  ReadableStream: streamAdvice,
};

/** Instances of a class are JSON if they have enumerable properties or `toJSON`. */
function describeObject(value: object): string | undefined {
  if (value instanceof Date && Number.isNaN(value.getTime())) return 'an invalid Date; use null';
  if ('toJSON' in value && typeof value.toJSON === 'function') return undefined;
  if ('then' in value && typeof value.then === 'function') return 'a promise; await it';
  if (value instanceof Error) return `an error (${value.name}); throw it, or use its message`;
  const tag = tagOf(value);
  if (ArrayBuffer.isView(value) || tag.endsWith('ArrayBuffer')) return `bytes (${tag}); ${bytesAdvice}`;
  if (tag === 'Error') return 'an error; throw it, or use its message';
  if (Object.hasOwn(advice, tag)) return `${tag === 'Arguments' ? 'an arguments object' : `a ${tag}`}; ${advice[tag]}`;
  if (isStream(value)) return `a stream; ${streamAdvice}`;
  if (tag === 'AsyncGenerator') return `an async iterator; ${streamAdvice}`;
  if (tag === 'Generator' || tag.endsWith(' Iterator')) return `an iterator; ${listAdvice}`;
  if (boxes.includes(tag) || Object.keys(value).length > 0) return undefined;
  if (Symbol.asyncIterator in value) return `an async iterable; ${streamAdvice}`;
  if (Symbol.iterator in value || ('next' in value && typeof value.next === 'function'))
    return `an iterable; ${listAdvice}`;
  return `an instance of ${className(value)} without enumerable properties; give the class a toJSON method`;
}

/** Also the prototype of plain objects of another context, such as `node:vm`. */
function hasPlainPrototype(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf');
}

function isStream(value: object): boolean {
  return 'pipe' in value && typeof value.pipe === 'function' && 'on' in value;
}

/** The tag of `Object.prototype.toString`: `Map`. */
export function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

function className(value: object): string {
  const { constructor } = value;
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'a class';
}
