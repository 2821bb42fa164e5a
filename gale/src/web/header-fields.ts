/**
 * The header fields of an answer that is being put together: a list, searched without regard to case, that shares the
 * defaults until the first change. Nothing gets in that could become another line.
 */
import { GaleError } from '../errors.ts';
import { isFieldValueText, isTokenText } from '../http/protocol/characters.ts';

/** One line of the head. */
export type HeaderField = readonly [name: string, value: string];

/** What a field may be set to: text, a number, or a moment that is written as an HTTP date. */
export type HeaderValue = string | number | Date;

/** A field that was made; it and lists of such fields never change, so that what was made of them before can be used again. */
const lastOfName: Map<string, HeaderField> = new Map();
/** Names are few where they come from the code; where they do not, no more than these are remembered. */
const maxRememberedNames = 256;
/** Longer values hardly come twice in a row. */
const maxRememberedValue = 256;

/** Makes a field. Throws `WEB_HEADER` for what HTTP cannot carry (RFC 9110 §5.1, §5.5). */
export function headerField(name: string, value: HeaderValue): HeaderField {
  const last = lastOfName.get(name);
  if (last !== undefined && last[1] === value) return last;
  if (!isTokenText(name)) throw new GaleError('WEB_HEADER', `${JSON.stringify(name)} is no name of a header.`);
  const text = typeof value === 'string' ? value : value instanceof Date ? value.toUTCString() : String(value);
  if (!isFieldValueText(text)) {
    throw new GaleError(
      'WEB_HEADER',
      `The header ${name} cannot be ${JSON.stringify(text)}: it holds control characters or characters over U+00FF.`,
    );
  }
  const field: HeaderField = Object.freeze([name, text] as const);
  if (text.length <= maxRememberedValue && (last !== undefined || lastOfName.size < maxRememberedNames)) {
    lastOfName.set(name, field);
  }
  return field;
}

/** Value of the first field called `name`. */
export function findField(fields: readonly HeaderField[], name: string): string | undefined {
  const wanted = name.toLowerCase();
  for (let index = 0; index < fields.length; index++) {
    const [found, value] = fields[index] as HeaderField;
    if (isNamed(found, wanted)) return value;
  }
  return undefined;
}

/** The fields without those called `name`. */
export function withoutField(fields: readonly HeaderField[], name: string): readonly HeaderField[] {
  const wanted = name.toLowerCase();
  return Object.freeze(fields.filter(([found]) => !isNamed(found, wanted)));
}

/** The fields with one called `field[0]`, in the place of the first it replaces. */
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

/** The fields and one more behind them. */
export function withFieldAdded(fields: readonly HeaderField[], field: HeaderField): readonly HeaderField[] {
  return added.find(fields, field) ?? added.keep(fields, field, [...fields, field]);
}

/** The Etag among the fields. */
export function findTag(fields: readonly HeaderField[]): string | undefined {
  if (fields === untagged) return undefined;
  const tag = findField(fields, 'etag');
  if (tag === undefined) untagged = fields;
  return tag;
}

/** The last fields without an Etag: mostly the next ones too. */
let untagged: readonly HeaderField[] | undefined;

/** The last change of its kind: the same handler changes the same fields in the same way for each request. */
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

/** Reason phrases go into the head and into error pages: no markup, no control characters, Latin-1 only. */
export function isReason(reason: string): boolean {
  return !/[<>&]/.test(reason) && isFieldValueText(reason);
}
