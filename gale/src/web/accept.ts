/** The Accept field of a request: how much a client wants a media type (RFC 9110 §12.5.1). No I/O. */
import { trimWhitespace } from '../http/protocol/characters.ts';

/** How much a client wants one media type. */
export interface Preference {
  /** From 0, not at all, to 1. */
  readonly quality: number;
  /**
   * How exactly the header names the type: 0 not at all, 1 as any type, 2 as `text/*`, 3 with parameters, 4 as the type alone. Of
   * two types with one quality a client prefers the one that it names.
   */
  readonly precision: number;
}

/** One member of the list. */
export interface MediaRange {
  /** In lower case; `*` for any. */
  readonly type: string;
  /** In lower case; `*` for any. */
  readonly subtype: string;
  /** Whether it has parameters other than `q`. */
  readonly isNarrowed: boolean;
  readonly quality: number;
}

/**
 * Reads an Accept field. Members that are malformed are ignored. The time is linear.
 *
 * @param header - The value; several fields joined with commas.
 */
export function readAccept(header: string): readonly MediaRange[] {
  return splitOutsideQuotes(header, ',').flatMap((member) => readRange(member) ?? []);
}

/**
 * Returns the preference for a media type without parameters. The most exact range that matches decides, whatever its quality.
 *
 * @param type - In lower case, such as `text/html`.
 */
export function preferenceFor(ranges: readonly MediaRange[], type: string): Preference {
  const [wantedType, wantedSubtype] = type.split('/');
  let best = unwanted;
  for (const { type, subtype, isNarrowed, quality } of ranges) {
    let precision = 0;
    if (type === '*') precision = 1;
    else if (type !== wantedType) continue;
    else if (subtype === '*') precision = 2;
    else if (subtype !== wantedSubtype) continue;
    else precision = isNarrowed ? 3 : 4;
    if (precision > best.precision || (precision === best.precision && quality > best.quality)) {
      best = { quality, precision };
    }
  }
  return best;
}

/** Compares as a client does: by quality, then by precision. Positive if `left` is preferred, 0 if both are equal. */
export function comparePreferences(left: Preference, right: Preference): number {
  return left.quality - right.quality || (left.quality === 0 ? 0 : left.precision - right.precision);
}

const unwanted: Preference = { quality: 0, precision: 0 };

function readRange(member: string): MediaRange | undefined {
  const [range = '', ...parameters] = splitOutsideQuotes(member, ';').map(trimWhitespace);
  const match = /^([!#$%&'*+.^_`|~\w-]+)\/([!#$%&'*+.^_`|~\w-]+)$/.exec(range.toLowerCase());
  if (match === null) return undefined;
  const [, type = '', subtype = ''] = match;
  if (type === '*' && subtype !== '*') return undefined;
  const weights = parameters.filter((parameter) => /^q[\t ]*=/i.test(parameter));
  const quality = weights.length === 0 ? 1 : readQuality(weights[0] ?? '');
  if (quality === undefined) return undefined;
  const isNarrowed = parameters.some((parameter) => parameter !== '') && parameters.length > weights.length;
  return { type, subtype, isNarrowed, quality };
}

/** The weight of `q=0.5` (RFC 9110 §12.4.2). */
function readQuality(parameter: string): number | undefined {
  const match = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i.exec(parameter);
  return match === null ? undefined : Number(match[1]);
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  if (!text.includes('"')) return text.split(separator);
  const parts: string[] = [];
  let from = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isQuoted && character === '\\') at++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === separator && !isQuoted) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}
