/**
 * The functions that a compiled template calls: look up a name, convert a value to text, and add the place to an error.
 * The compiled function receives them under the `$$` names that `compile.ts` writes.
 */
import { ignoreRejection } from '../../run/lost-value.ts';
import { viewBytes } from '../../run/view-bytes.ts';
import { xhtmlEscape } from '../escape.ts';
import type { CompiledTemplate } from './compile.ts';
import { standardNames } from './standard-names.ts';
import { locateError, TemplateError } from './template-error.ts';

/** Options of {@link bindTemplate}. */
export interface RuntimeOptions {
  /** Names for every template of the loader. */
  readonly namespace: object;
  /** The escape function of the loader, if it is not the default. */
  readonly escape: ((text: string) => string) | undefined;
}

/**
 * Creates the function of a compiled template.
 *
 * @param name - Name of the template, for profilers and debuggers.
 * @returns A function of the namespace that returns the output, or an iterator of chunks if `chunks` is true.
 */
export function bindTemplate<Output>(
  compiled: CompiledTemplate,
  name: string,
  chunks: boolean,
  options: RuntimeOptions,
): (namespace: object) => Output {
  const shared = options.namespace;
  const words = {
    $$U: unset,
    $$n: (passed: object, name: string): unknown => lookUp(passed, shared, name),
    $$t: (passed: object, name: string): unknown => {
      const value = find(passed, shared, name);
      return value === unset ? undefined : value;
    },
    $$s: toText,
    $$e: toEscapedText,
    $$c: options.escape,
    $$i: toIterable,
    $$l: (error: unknown, place: number): unknown => {
      const at = compiled.places[place];
      return at === undefined ? error : locateError(error, at);
    },
  };
  const label = name.replace(/[^\w./-]/g, '_');
  const code = `'use strict';\nreturn function${chunks ? '*' : ''} ($$d) {\n${compiled.code}\n}\n//# sourceURL=template/${label}`;
  return makeFunction<Output>(words, code, name);
}

function makeFunction<Output>(words: object, code: string, name: string): (namespace: object) => Output {
  try {
    // The code has only text of the compiler and expressions that acorn has parsed.
    // oxlint-disable-next-line typescript/no-implied-eval
    const make = new Function(...Object.keys(words), code) as (...values: unknown[]) => (namespace: object) => Output;
    return make(...Object.values(words));
  } catch (error) {
    // Acorn supports the newest JavaScript, an older Node.js may not.
    const reason = `Node.js ${process.version} does not support an expression of template \`${name}\`: ${String(error)}`;
    throw new TemplateError('TEMPLATE_EXPRESSION', reason, undefined, { cause: error });
  }
}

/** Value of a variable before its lookup or `set`. */
const unset: unique symbol = Symbol('not set');

function lookUp(passed: object, shared: object, name: string): unknown {
  const value = find(passed, shared, name);
  if (value !== unset) return value;
  throw new TemplateError('TEMPLATE_NAME', `\`${name}\` was not passed to the template`);
}

function find(passed: object, shared: object, name: string): unknown {
  if (isNamed(passed, name)) return Reflect.get(passed, name);
  if (isNamed(shared, name)) return Reflect.get(shared, name);
  return name in standardNames ? standardNames[name] : unset;
}

/** A namespace can inherit from another, but properties that every object inherits (`constructor`, `toString`) are not names. */
function isNamed(namespace: object, name: string): boolean {
  if (!(name in Object.prototype)) return name in namespace;
  let object: object | null = namespace;
  while (object !== null && object !== Object.prototype && !Object.hasOwn(object, name)) {
    object = Object.getPrototypeOf(object) as object | null;
  }
  return object !== null && object !== Object.prototype;
}

/** @param source - The expression, for errors. */
function toEscapedText(value: unknown, source: string): string {
  if (typeof value === 'string') return xhtmlEscape(value);
  return typeof value === 'number' ? String(value) : xhtmlEscape(toText(value, source));
}

function toText(value: unknown, source: string): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'undefined':
      throw notPrintable(source, 'undefined; print null or `value ?? ""` for nothing');
    case 'function':
      throw notPrintable(source, 'a function; call it');
    case 'object':
      if (value === null) return '';
      return objectText(value, source);
    case 'symbol':
      throw notPrintable(source, 'a symbol; print its description');
    default:
      return String(value);
  }
}

/** The text of an object with its own conversion. Others would print `[object Object]`. */
function objectText(value: object, source: string): string {
  if ('then' in value && typeof value.then === 'function') {
    ignoreRejection(value);
    throw notPrintable(source, 'a promise; await it in the handler');
  }
  if (Array.isArray(value)) return listText(value, source);
  // Before toString, which lists the numbers of a typed array.
  const bytes = viewBytes(value, 'TEMPLATE_VALUE');
  if (bytes !== undefined) return utf8.decode(bytes);
  if (hasOwnText(value)) return String(value);
  throw notPrintable(source, `${nameOf(value)} without its own toString; ${adviceFor(value)}`);
}

/** The items with commas between them, as `String` writes them. null and undefined items are empty. */
function listText(list: readonly unknown[], source: string): string {
  let text = '';
  for (let index = 0; index < list.length; index++) {
    const item = list[index];
    if (index > 0) text += ',';
    if (item === null || item === undefined) continue;
    text += typeof item === 'string' ? item : toText(item, `(${source})[${index}]`);
  }
  return text;
}

function hasOwnText(value: object): boolean {
  if (Symbol.toPrimitive in value) return true;
  return 'toString' in value && typeof value.toString === 'function' && value.toString !== Object.prototype.toString;
}

function nameOf(value: object): string {
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return tag === 'Object' ? 'an object' : `an object of type ${tag}`;
}

function adviceFor(value: object): string {
  if (isIterable(value)) return 'loop over it with {% for %}';
  return 'print one of its properties, or jsonEncode(…) in a script';
}

function notPrintable(source: string, what: string): TemplateError {
  return new TemplateError('TEMPLATE_VALUE', `\`${source}\` is ${what}`);
}

const utf8: TextDecoder = new TextDecoder();

function toIterable(value: unknown, source: string): Iterable<unknown> {
  if (Array.isArray(value) || isIterable(value)) return value;
  const what = value === null ? 'null' : typeof value;
  const advice = what === 'object' ? '; use Object.keys, Object.values or Object.entries' : '';
  throw new TemplateError('TEMPLATE_VALUE', `\`${source}\` is ${what}, which {% for %} cannot loop over${advice}`);
}

function isIterable(value: unknown): value is Iterable<unknown> {
  if (typeof value === 'string') return true;
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}
