/**
 * The header fields of an answer that is being put together: a list, searched without regard to case, that shares the
 * defaults until the first change. Nothing gets in that could become another line.
 */
import { GaleError } from '../errors.ts';

/** One line of the head. */
export type HeaderField = readonly [name: string, value: string];

/** What a field may be set to: text, a number, or a moment that is written as an HTTP date. */
export type HeaderValue = string | number | Date;

/** Makes a field. Throws `WEB_HEADER` for what HTTP cannot carry (RFC 9110 §5.1, §5.5). */
export function headerField(name: string, value: HeaderValue): HeaderField {
  if (!token.test(name)) throw new GaleError('WEB_HEADER', `${JSON.stringify(name)} is no name of a header.`);
  const text = typeof value === 'string' ? value : value instanceof Date ? value.toUTCString() : String(value);
  if (forbidden.test(text)) {
    throw new GaleError(
      'WEB_HEADER',
      `The header ${name} cannot be ${JSON.stringify(text)}: it holds control characters or characters over U+00FF.`,
    );
  }
  return [name, text];
}

/** Value of the first field called `name`. */
export function findField(fields: readonly HeaderField[], name: string): string | undefined {
  const wanted = name.toLowerCase();
  return fields.find(([found]) => found === wanted || found.toLowerCase() === wanted)?.[1];
}

/** The fields without those called `name`. */
export function withoutField(fields: readonly HeaderField[], name: string): HeaderField[] {
  const wanted = name.toLowerCase();
  return fields.filter(([found]) => found !== wanted && found.toLowerCase() !== wanted);
}

/** The fields with one called `field[0]`, in the place of the first it replaces. */
export function withField(fields: readonly HeaderField[], field: HeaderField): HeaderField[] {
  const wanted = field[0].toLowerCase();
  const changed: HeaderField[] = [];
  let isPlaced = false;
  for (const found of fields) {
    if (found[0] !== wanted && found[0].toLowerCase() !== wanted) changed.push(found);
    else if (!isPlaced) {
      changed.push(field);
      isPlaced = true;
    }
  }
  if (!isPlaced) changed.push(field);
  return changed;
}

/** Reason phrases go into the head and into error pages: no markup, no control characters, Latin-1 only. */
export function isReason(reason: string): boolean {
  return !/[<>&]/.test(reason) && !forbidden.test(reason);
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const forbidden = /[^\t\x20-\x7e\x80-\xff]/;
