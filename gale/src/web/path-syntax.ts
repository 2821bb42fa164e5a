/**
 * The syntax of path patterns: text, parameters (`:id`) and a rest (`*path`). A sign that has a meaning here or in the
 * patterns of other routers is text only after a backslash, so that no pattern silently means something else.
 */
import { GaleError } from '../errors.ts';
import { normalPath } from './percent-encoding.ts';

/** A part of a path: text in its normal form (percent-encoded), or a parameter. */
export type Piece = string | { readonly name: string; readonly isRest: boolean };

/**
 * Splits a path pattern into its parts. Adjacent texts are joined.
 *
 * @throws {@link GaleError} `WEB_ROUTE` for a pattern that Gale does not have; the message says how to write it.
 */
export function splitPath(source: string): Piece[] {
  if (!source.startsWith('/')) throw refusal(source, startAdvice(source));
  if (/\p{Cc}/u.test(source) || !source.isWellFormed()) {
    throw refusal(source, 'must not have control characters or lone surrogates; write %0A for a line feed');
  }
  const pieces: Piece[] = [];
  let text = '';
  for (const [token, escaped, mark, name] of source.matchAll(/\\(.)?|([:*])([A-Za-z_]\w*)?|%[0-9A-Fa-f]{2}|./gsu)) {
    if (escaped !== undefined && !/[\p{L}\p{N}]/u.test(escaped)) text += encode(escaped);
    else if (mark !== undefined && name !== undefined) {
      if (text !== '') pieces.push(text);
      text = '';
      pieces.push({ name, isRest: mark === '*' });
    } else if (/^%../.test(token)) text += normalPath(token);
    else if (/^[:*\\%?#(){}[\]<>|^]/.test(token)) throw refusal(source, adviceFor(token.slice(0, 1), source));
    else text += encode(token);
  }
  if (text !== '') pieces.push(text);
  assertPieces(source, pieces);
  return pieces;
}

/** A pattern whose only special sign is the text itself: each sign of the syntax gets its backslash. */
export function escapePath(text: string): string {
  return text.replace(/[:*\\%?#(){}[\]<>|^$]/g, '\\$&');
}

/** Text as the source of a regular expression that matches it. */
export function escapeExpression(text: string): string {
  return text.replace(/[^\w%/]/g, '\\$&');
}

function encode(character: string): string {
  return /[\w\-.~!$&'()*+,;=:@/]/.test(character) ? character : encodeURIComponent(character);
}

/** @throws {@link GaleError} `WEB_ROUTE` if parameters are ambiguous, slow to find, or have one name. */
function assertPieces(source: string, pieces: readonly Piece[]): void {
  const parameters = pieces.filter((piece) => typeof piece !== 'string');
  if (new Set(parameters.map(({ name }) => name)).size < parameters.length) {
    throw refusal(source, 'must have a different name for each parameter');
  }
  if (parameters.some(({ name }) => name === '__proto__')) {
    throw refusal(source, 'must have another name than __proto__ for a parameter, which objects cannot have');
  }
  const isTouching = pieces.some((piece, index) => typeof piece !== 'string' && typeof pieces[index + 1] === 'object');
  if (isTouching || parameters.filter(({ isRest }) => isRest).length > 1) {
    throw refusal(source, 'must have text between parameters and at most one *');
  }
  for (const [index, piece] of pieces.entries()) {
    const next = pieces[index + 1];
    if (typeof piece === 'string' || typeof next !== 'string' || !/^\+(?:\/|$)/.test(next)) continue;
    throw refusal(
      source,
      `must not have + after a parameter; write *${piece.name} for any number of segments, ${escaped('+')} for the sign`,
    );
  }
  if (/(?<!\\)\$$/.test(source)) {
    throw refusal(
      source,
      `must not end with $, since it always matches the whole path; write ${escaped('$')} for the sign`,
    );
  }
}

function startAdvice(source: string): string {
  const verb = /^[A-Z]+ +(\/.*)$/s.exec(source);
  if (verb !== null) return `must begin with /; write ${JSON.stringify(verb[1])}, and define a verb for each method`;
  if (source.startsWith('^')) return 'must begin with /; write a regular expression without quotes, as /^…$/';
  if (/^\w+:\/\//.test(source))
    return 'must begin with /; routes for one host are added with addHandlers(host, routes)';
  if (source.startsWith('*')) return 'must begin with /; write "/*rest" for every path';
  return 'must begin with /';
}

function adviceFor(sign: string, source: string): string {
  switch (sign) {
    case ':':
      return `must have a name of letters, digits and _ after each colon, as in :id; write ${escaped(sign)} for the sign`;
    case '*':
      return /[:*]\w+\*/.test(source)
        ? `must not have * after a parameter; write *rest for any number of segments, ${escaped(sign)} for the sign`
        : `must have a name of letters, digits and _ after each *, as in *rest; write ${escaped(sign)} for the sign`;
    case '?':
      return /[:*]\w+\?/.test(source)
        ? 'must not have an optional parameter; add a second route without it, or write a RegExp'
        : `must not have a ?, since a path ends before the query; read it with getQueryArgument. Write ${escaped(sign)} for the sign`;
    case '#':
      return `must not have a #, since clients do not send the fragment; write ${escaped(sign)} for the sign`;
    case '%':
      return 'must have two hex digits after each %; write %25 for the sign';
    case '\\':
      return 'must have a sign after each backslash; a regular expression such as \\d is written without quotes, as /\\/(\\d+)/';
    case '|':
    case '^':
      return `must not be a regular expression in quotes; write it as /…/, and ${escaped(sign)} for the sign`;
    case '(':
    case ')':
      return `must not have a group in quotes; write :id for a segment, a regular expression as /\\/(\\d+)/, and ${escaped(sign)} for the sign`;
    default:
      return `must have parameters of the form :id or *rest; write ${escaped(sign)} for the sign`;
  }
}

/** The sign as text, as it is written in a string of JavaScript. */
function escaped(sign: string): string {
  return JSON.stringify(`\\${sign}`);
}

function refusal(source: string, rule: string): GaleError {
  return new GaleError('WEB_ROUTE', `path pattern ${JSON.stringify(source)} ${rule}.`);
}
