/**
 * Checks of regular expressions in routes: what can never match a path is an error when the application is created. Paths
 * are compared in their normal form, so they contain only ASCII characters, `%7E` is `~`, and hex digits are in upper case.
 */
import { GaleError } from '../errors.ts';
import { normalPath } from './percent-encoding.ts';
import type { Piece } from './path-syntax.ts';

/** @throws {@link GaleError} `WEB_ROUTE` if the expression has text that is in no path; the message says how to write it. */
export function assertExpression({ source, flags }: RegExp): void {
  const advice = startAdvice(source) ?? adviceFor(source, flags);
  if (advice !== undefined) throw new GaleError('WEB_ROUTE', `regular expression /${source}/${flags} ${advice}.`);
}

/**
 * Splits a regular expression into text and groups, to build paths.
 *
 * @throws {@link GaleError} `WEB_ROUTE` if it has anything else.
 */
export function splitExpression({ source, flags }: RegExp): Piece[] {
  const pieces: Piece[] = [];
  let rest = withoutAnchors(source);
  while (rest !== '') {
    const group = /^\((?:\?<\w+>|(?!\?))(?:[^()\\[]|\\.|\[(?:[^\]\\]|\\.)*\])*\)(?![?*+{])/.exec(rest);
    const text = /^(?:[^\\^$.*+?()[\]{}|]|\\[^A-Za-z0-9])(?![?*+{])/.exec(rest);
    if (group) pieces.push({ name: '', isRest: true });
    else if (text) pieces.push(text[0].replace(/^\\/, ''));
    else {
      throw new GaleError(
        'WEB_ROUTE',
        `A path can be built only for plain text and groups; /${source}/${flags} has ${rest}.`,
      );
    }
    rest = rest.slice((group ?? text)?.[0].length);
  }
  return pieces;
}

/** The expression without the outer `^` and `$`, which change nothing, since it must match the whole path. */
export function withoutAnchors(source: string): string {
  return source.replace(/^\^/, '').replace(/(?<!\\)\$$/, '');
}

/** The expression with unnamed groups. One that refers to a name is unchanged. */
export function withoutNames(source: string): string {
  if (/\\k</.test(source)) return source;
  return source.replace(/\\.|\[(?:[^\]\\]|\\.)*\]|\(\?<(?![=!])[^>]*>/gs, (token) =>
    token.startsWith('(?<') ? '(' : token,
  );
}

/** An expression that begins with a letter or digit was written without the first slash, as was an empty one. */
function startAdvice(source: string): string | undefined {
  const inner = withoutAnchors(source);
  const first = inner.replace(/^(?:\((?:\?:|\?<\w+>)?)+/, '');
  // Another branch, or the rest after an optional group, can begin with a slash.
  const isCertain = first === inner || !/\||\)[?*{]/.test(inner);
  const isDead = inner === '' || inner === '(?:)' || (isCertain && /^[A-Za-z0-9](?![?*{])/.test(first));
  return isDead ? 'must begin with \\/, as every path does' : undefined;
}

function adviceFor(source: string, flags: string): string | undefined {
  const plain = source.replace(/\(\?<(?![=!])[^>]*>|\\k<[^>]*>/g, '(');
  const hasExclusion = /\(\?<?!/.test(source);
  for (const { 0: token, index } of plain.matchAll(tokens)) {
    const advice = token.startsWith('%')
      ? escapeAdvice(token, plain.slice(index + 1), flags)
      : (characterAdvice(token, token.startsWith('[') ? beyondAscii.exec(token)?.[0] : characterOf(token)) ??
        (hasExclusion ? undefined : setAdvice(token, plain.slice(index + token.length), flags)));
    if (advice !== undefined) return advice;
  }
  return undefined;
}

/** An escaped character, a class, an octet, or another character. */
const tokens =
  /\\(?:u\{[0-9a-f]+\}|u[0-9a-f]{4}|x[0-9a-f]{2}|p\{[^}]*\}|c[a-z]|.)|\[(?:[^\]\\]|\\.)*\]|%[0-9a-f]{2}|[^\0-\x7f]+|./gisu;
const beyondAscii = /[^\0-\x7f]+/;

function escapeAdvice(token: string, after: string, flags: string): string | undefined {
  if (token === '%') {
    const [, digits] = /^\((?:\?:)?([0-9a-f]{2})\)/i.exec(after) ?? [];
    if (digits !== undefined) return escapeAdvice(`%${digits}`, '', flags);
    // A group, a class or a dot can be hex digits.
    const isBroken = !/^(?:[0-9a-f[(.]|\\\w)/i.test(after);
    return isBroken ? 'must have two hex digits after each %; write %25 for the sign' : undefined;
  }
  const normal = normalPath(token);
  const isDead = flags.includes('i') ? normal.length === 1 : normal !== token;
  return isDead
    ? `must not have ${token}, since paths are compared with ${normal} in its place; write ${normal}`
    : undefined;
}

function characterAdvice(token: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (text === '?') return 'must not have a ?, since a path ends before the query; read it with getQueryArgument';
  if (text === '#') return 'must not have a #, since clients do not send the fragment; write %23 for the sign';
  if (!beyondAscii.test(text) && !/[\0-\x20\x7f]/.test(text)) return undefined;
  const encoded = encodeURIComponent(text.toWellFormed());
  return `must not have ${JSON.stringify(token)}, since paths are compared percent-encoded; write ${encoded}`;
}

/** For a class or an escape such as `\s` that matches no character of a path. */
function setAdvice(token: string, after: string, flags: string): string | undefined {
  const isSet = /^(?:\[|\\s)/.test(token) || (/^\\p/i.test(token) && flags.includes('u'));
  // It may be missing.
  if (!isSet || flags.includes('v') || /^(?:[?*]|\{0|[^(]*\)[?*])/.test(after)) return undefined;
  const set = new RegExp(`^${token}$`, flags.replace(/[gmy]/g, ''));
  if (pathCharacters.some((character) => set.test(character))) return undefined;
  return `must not have ${token}, which matches no character of a path; paths are compared percent-encoded, such as caf%C3%A9`;
}

/** The visible characters of ASCII, but not those that end a path. */
const pathCharacters: readonly string[] = Array.from({ length: 0x7e - 0x20 }, (_, index) =>
  String.fromCharCode(0x21 + index),
).filter((character) => character !== '?' && character !== '#');

/** The character that a token matches; `undefined` for a sign of the syntax and a class such as `\d`. */
function characterOf(token: string): string | undefined {
  if (!token.startsWith('\\')) return /^[\^$.*+?()[\]{}|]$/.test(token) ? undefined : token;
  const [, code] = /^\\[ux]\{?([0-9a-f]+)\}?$/i.exec(token) ?? [];
  if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
  const control = '0tnvfr'.indexOf(token.slice(1));
  if (control >= 0) return '\0\t\n\v\f\r'[control];
  return /^\\\W/.test(token) ? token.slice(1) : undefined;
}
