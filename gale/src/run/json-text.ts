/**
 * JSON without silent losses. `JSON.stringify` writes `{}` for a promise, a Map, an Error and many others, and `null` for NaN; here they
 * are errors that say what to do. Runs in browsers too.
 */
import { GaleError, type ErrorCode } from '../errors.ts';
import { describeLoss, ignoreRejection, propertyPath } from './lost-value.ts';

/** What a message says about a value that cannot be JSON. */
export interface JsonRule {
  /** Name and range of the value: `chunk of write() must be a string, bytes or an object`. */
  readonly must: string;
  readonly code: ErrorCode;
}

/**
 * Writes a value as JSON. As in `JSON.stringify`, properties that are undefined, functions or symbols are omitted. Plain objects,
 * arrays, objects with `toJSON` and class instances with enumerable properties are written.
 *
 * @throws {@link GaleError} with the code of the rule for any other object, at any depth, a BigInt, NaN, Infinity or a cycle. An error of a
 *   `toJSON` or a getter is thrown unchanged.
 */
export function toJsonText(value: unknown, rule: JsonRule): string {
  assertJsonValue(value, rule);
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    const what = error instanceof TypeError ? findUnwritable(value) : undefined;
    throw what === undefined ? error : wrongJson(rule, what, error);
  }
  if (text === undefined) throw wrongJson(rule, 'an object whose toJSON returns undefined');
  // What JSON loses below the top becomes `{}`, null, or an object of indices for typed arrays. A search of the text costs far less than
  // a visit of all values.
  if (text.includes('null') || text.includes('{}') || text.includes('{"0":')) {
    const what = hasLoss(value) ? findLoss(value) : undefined;
    if (what !== undefined) throw wrongJson(rule, what);
  }
  return text;
}

/** Checks the value itself, but not its properties. @throws {@link GaleError} As {@link toJsonText}. */
export function assertJsonValue(value: unknown, rule: JsonRule): void {
  if (typeof value === 'string' || (typeof value === 'object' && isPlain(value))) return;
  const what = describeLoss(value);
  if (what === undefined) return;
  ignoreRejection(value);
  throw wrongJson(rule, what);
}

/** False for `arguments`, which has a property `callee`. */
function isPlain(value: object | null): boolean {
  return value === null || (Object.getPrototypeOf(value) === Object.prototype && !Object.hasOwn(value, 'callee'));
}

function wrongJson({ must, code }: JsonRule, what: string, cause?: unknown): GaleError {
  return new GaleError(code, `${must}; got ${what}.`, cause === undefined ? {} : { cause });
}

/** A value and the way to it. */
interface Place {
  readonly value: unknown;
  readonly key: string | number;
  readonly parent: Place | undefined;
}

/** Whether JSON loses a value below the top. Faster than {@link findLoss}, which also finds its place. */
function hasLoss(top: unknown): boolean {
  const containers: unknown[] = isContainer(top) ? [top] : [];
  for (let container = containers.pop(); container !== undefined; container = containers.pop()) {
    const children: readonly unknown[] = Array.isArray(container) ? container : Object.values(container as object);
    for (const child of children) {
      if (typeof child === 'number' && !Number.isFinite(child)) return true;
      if (typeof child !== 'object' || child === null) continue;
      if (!isPlain(child) && describeLoss(child) !== undefined) return true;
      if (isContainer(child)) containers.push(child);
    }
  }
  return false;
}

/** Finds a value below the top that JSON loses, and its place. */
function findLoss(top: unknown): string | undefined {
  return visit(top, (place) => {
    const isNumber = typeof place.value === 'number';
    if (!isNumber && (typeof place.value !== 'object' || isPlain(place.value))) return undefined;
    const loss = describeLoss(place.value);
    ignoreRejection(place.value);
    return loss === undefined ? undefined : `an object with ${loss.replace(/(?=[;,]|$)/, ` at ${pathTo(place)}`)}`;
  });
}

/** Finds the reason for a TypeError of `JSON.stringify`. */
function findUnwritable(top: unknown): string | undefined {
  return visit(top, (place) => {
    if (typeof place.value === 'bigint') return `an object with a BigInt at ${pathTo(place)}; use String(value)`;
    if (!isContainer(place.value)) return undefined;
    for (let at = place.parent; at !== undefined; at = at.parent) {
      if (at.value !== place.value) continue;
      const target = at.parent === undefined ? 'the object itself' : pathTo(at);
      return `an object with a cycle: ${pathTo(place)} is ${target}; send only the properties that the receiver needs`;
    }
    return undefined;
  });
}

/** Visits the values below `top` in the order in which JSON writes them, without recursion, until `find` returns a text. */
function visit(top: unknown, find: (place: Place) => string | undefined): string | undefined {
  const places: Place[] = [{ value: top, key: '', parent: undefined }];
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    const { value } = place;
    const found = place.parent === undefined ? undefined : find(place);
    if (found !== undefined) return found;
    if (!isContainer(value)) continue;
    const isList = Array.isArray(value);
    for (const name of Object.keys(value).toReversed()) {
      const child = (value as Readonly<Record<string, unknown>>)[name];
      places.push({ value: child, key: isList ? Number(name) : name, parent: place });
    }
  }
  return undefined;
}

/** Whether JSON writes the properties of a value, not the result of `toJSON`. */
function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null && typeof (value as { toJSON?: unknown }).toJSON !== 'function';
}

function pathTo(place: Place): string {
  const keys: (string | number)[] = [];
  for (let at = place; at.parent !== undefined; at = at.parent) keys.push(at.key);
  return propertyPath(keys.toReversed());
}
