/**
 * The header fields of a response: immutable lists with case-insensitive names. All fields are validated, so that no value
 * can inject another header.
 */
import { GaleError } from '../errors.ts';
import { showValue } from '../run/given-options.ts';
import { isFieldValueText, isTokenText } from '../http/protocol/characters.ts';
import { formatDateField } from './date-field.ts';
import { isEntityTag } from './entity-tag.ts';
import { formatHttpDate } from './http-date.ts';

/** Name and value of a header. */
export type HeaderField = readonly [name: string, value: string];

/** Value of a header: text, a number, or a Date that is written as an HTTP date. */
export type HeaderValue = string | number | Date;

/** The fields that describe a body, in lower case. */
export const contentNames: readonly string[] = [
  'content-type',
  'content-encoding',
  'content-language',
  'content-length',
];

/** The Content-Type of a new response, unlike a field with the same text that a handler set. */
export const defaultType: HeaderField = Object.freeze(['Content-Type', 'text/html; charset=UTF-8'] as const);
/** The headers of a new response. */
export const defaultFields: readonly HeaderField[] = Object.freeze([defaultType]);

/** The last field of each name. Fields and lists of them are immutable, so that equal requests can share them. */
const lastOfName: Map<string, HeaderField> = new Map();
/** Limit of the cache, for names that do not come from the code. */
const maxCachedNames = 256;
/** Longer values rarely repeat. */
const maxCachedValueCharacters = 256;

/**
 * Creates a field. A Last-Modified in the future becomes the current time (RFC 9110 §8.8.2.1).
 *
 * @throws {@link GaleError} `WEB_HEADER` for an invalid name or value (RFC 9110 §5.1, §5.5), for `Date`, `Expires`, `Last-Modified`,
 *   `Retry-After` and `Content-Length` whose value is not valid for them, and for `Transfer-Encoding`, which the server sets.
 */
export function headerField(name: string, value: HeaderValue): HeaderField {
  const last = lastOfName.get(name);
  if (last !== undefined && last[1] === value) return last;
  if (!isTokenText(name))
    throw new GaleError('WEB_HEADER', `name of a header must be a token; got ${JSON.stringify(name)}.`);
  if (isNamed(name, 'transfer-encoding')) {
    throw new GaleError(
      'WEB_HEADER',
      `${name} is set by the server, which decides how the body is sent; leave it out.`,
    );
  }
  const text = formatDateField(name, value) ?? textOf(name, value);
  if (!isFieldValueText(text)) {
    throw new GaleError(
      'WEB_HEADER',
      `${name} must not have control characters or characters over U+00FF; got ${JSON.stringify(text)}; encode it first.`,
    );
  }
  if (isNamed(name, 'etag') && !isEntityTag(text)) {
    throw new GaleError(
      'WEB_HEADER',
      `${name} must be in double quotes, without spaces and other double quotes, such as "v1" or W/"v1"; got ${text}.`,
    );
  }
  if (isNamed(name, 'content-length') && !/^\d{1,15}$/.test(text)) {
    throw new GaleError('WEB_HEADER', `${name} must be a number of bytes; got ${JSON.stringify(text)}.`);
  }
  const field: HeaderField = Object.freeze([name, text] as const);
  if (text.length <= maxCachedValueCharacters && (last !== undefined || lastOfName.size < maxCachedNames)) {
    lastOfName.set(name, field);
  }
  return field;
}

function textOf(name: string, value: HeaderValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (value instanceof Date) return formatHttpDate(value);
  const got = showValue(value) + (value === undefined || value === null ? '; remove a header with clearHeader' : '');
  throw new GaleError('WEB_HEADER', `${name} must be a string, a finite number or a Date; got ${got}.`);
}

/** Value of the first field with this name. */
export function findField(fields: readonly HeaderField[], name: string): string | undefined {
  const wanted = name.toLowerCase();
  for (let index = 0; index < fields.length; index++) {
    const [found, value] = fields[index] as HeaderField;
    if (isNamed(found, wanted)) return value;
  }
  return undefined;
}

/** The fields without those of this name. */
export function withoutField(fields: readonly HeaderField[], name: string): readonly HeaderField[] {
  return withoutFields(fields, [name.toLowerCase()]);
}

/**
 * The fields without those of these names.
 *
 * @param names - In lower case.
 */
export function withoutFields(fields: readonly HeaderField[], names: readonly string[]): readonly HeaderField[] {
  return Object.freeze(fields.filter(([found]) => !names.some((name) => isNamed(found, name))));
}

/** The fields with `field`, at the position of the first field of its name, which it replaces. */
export function withField(fields: readonly HeaderField[], field: HeaderField): readonly HeaderField[] {
  const known = replaced.find(fields, field);
  if (known !== undefined) return known;
  const wanted = field[0].toLowerCase();
  const changed: HeaderField[] = [];
  let isPlaced = false;
  for (const found of fields) {
    if (!isNamed(found[0], wanted)) changed.push(found);
    else if (!isPlaced) {
      changed.push(field);
      isPlaced = true;
    }
  }
  if (!isPlaced) changed.push(field);
  return replaced.keep(fields, field, changed);
}

/** The fields with `field` appended. */
export function withFieldAdded(fields: readonly HeaderField[], field: HeaderField): readonly HeaderField[] {
  return added.find(fields, field) ?? added.keep(fields, field, [...fields, field]);
}

/** The Etag among the fields. */
export function findTag(fields: readonly HeaderField[]): string | undefined {
  if (fields !== searched.fields) searched = { fields, tag: findField(fields, 'etag') };
  return searched.tag;
}

/** The last search, since the next one often has the same list. */
let searched: { readonly fields: readonly HeaderField[]; readonly tag: string | undefined } = {
  fields: [],
  tag: undefined,
};

/** The last change of one kind, since a handler makes the same change in each request. */
class LastChange {
  #before: readonly HeaderField[] | undefined;
  #field: HeaderField | undefined;
  #after: readonly HeaderField[] = [];

  find(before: readonly HeaderField[], field: HeaderField): readonly HeaderField[] | undefined {
    return before === this.#before && field === this.#field ? this.#after : undefined;
  }

  keep(before: readonly HeaderField[], field: HeaderField, after: HeaderField[]): readonly HeaderField[] {
    this.#before = before;
    this.#field = field;
    this.#after = Object.freeze(after);
    return after;
  }
}

const replaced: LastChange = new LastChange();
const added: LastChange = new LastChange();

/** @param wanted - In lower case. */
function isNamed(name: string, wanted: string): boolean {
  return name.length === wanted.length && (name === wanted || name.toLowerCase() === wanted);
}

/** Whether a reason phrase is safe in the head and in error pages: no markup, no control characters, Latin-1 only. */
export function isReason(reason: string): boolean {
  return !/[<>&]/.test(reason) && isFieldValueText(reason);
}
