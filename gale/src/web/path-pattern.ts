/**
 * Matches paths and builds paths from arguments. There are two kinds of patterns: path patterns (`/story/:id`,
 * `/files/*rest`) and regular expressions, whose groups become arguments as in Tornado.
 * Both match the path as sent, still percent-encoded, so an encoded slash never splits an argument.
 */
import { GaleError } from '../errors.ts';
import { encodePath, encodeUrl } from './percent-encoding.ts';

/** An argument of a path. */
export type PathArgument = string | number | bigint;

/** A compiled pattern. */
export interface PathPattern {
  /** The pattern as written, for messages. */
  readonly source: string;
  /** The only matching path, if the pattern has no parameters. */
  readonly exact: string | undefined;
  /** Matches a whole path. The groups are the arguments, still encoded. */
  readonly expression: RegExp;
  /** Names of the arguments in order; `undefined` if they are positional. */
  readonly names: readonly string[] | undefined;
  /**
   * Builds a path that matches.
   *
   * @param values - Arguments in order, or one object by name.
   * @throws {@link GaleError} `WEB_ROUTE` if their number or names are wrong, or if no path can be built for the pattern.
   */
  toPath(values: readonly (PathArgument | Readonly<Record<string, PathArgument>>)[]): string;
}

/**
 * Compiles the pattern of a route.
 *
 * `:name` matches one segment and is never empty. If a segment has several parameters, each but the last ends at the first
 * character of the text after it. `*name` matches the rest, slashes included; a pattern can have one. Other text matches
 * itself. A regular expression must match the whole path; its groups are all named or all unnamed.
 *
 * @throws {@link GaleError} `WEB_ROUTE` if the pattern is invalid.
 */
export function createPathPattern(pattern: string | RegExp): PathPattern {
  return typeof pattern === 'string' ? fromPath(pattern) : fromExpression(pattern);
}

/** A part of a path: text or a parameter. */
type Piece = string | { readonly name: string; readonly isRest: boolean };

function fromPath(source: string): PathPattern {
  if (!source.startsWith('/')) {
    const advice = source.startsWith('^') ? '; write a regular expression as /^…$/' : '';
    throw new GaleError('WEB_ROUTE', `path pattern must start with /; got ${JSON.stringify(source)}${advice}.`);
  }
  const pieces = splitPath(source);
  const names = pieces.filter((piece) => typeof piece !== 'string').map((piece) => piece.name);
  if (new Set(names).size < names.length) {
    throw new GaleError('WEB_ROUTE', `parameters of a path pattern must have different names; got ${source}.`);
  }
  assertLinear(source, pieces);
  const expression = new RegExp(`^${pieces.map(toSource).join('')}$`);
  return {
    source,
    exact: names.length === 0 ? pieces.join('') : undefined,
    expression,
    names,
    toPath: (values) => fill(source, pieces, orderValues(source, names, values)),
  };
}

/** The piece as a regular expression. At most one parameter of a segment can backtrack, so that matching takes linear time. */
function toSource(piece: Piece, index: number, pieces: readonly Piece[]): string {
  if (typeof piece === 'string') return escapeExpression(piece);
  if (piece.isRest) return '(.*)';
  const [text, next] = pieces.slice(index + 1, index + 3);
  const hasFollower = typeof text === 'string' && typeof next === 'object' && !text.includes('/');
  return hasFollower ? `([^/${escapeExpression(text.slice(0, 1))}]+)` : '([^/]+)';
}

/** @throws {@link GaleError} `WEB_ROUTE` if the end of a parameter is ambiguous or slow to find. */
function assertLinear(source: string, pieces: readonly Piece[]): void {
  const parameters = pieces.filter((piece) => typeof piece !== 'string');
  const isTouching = pieces.some((piece, index) => typeof piece !== 'string' && typeof pieces[index + 1] === 'object');
  if (isTouching || parameters.filter((piece) => piece.isRest).length > 1) {
    throw new GaleError(
      'WEB_ROUTE',
      `path pattern must have text between parameters and at most one *; got ${source}.`,
    );
  }
}

function escapeExpression(text: string): string {
  return text.replace(/[^\w%/]/g, '\\$&');
}

function splitPath(source: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of source.matchAll(/([:*])([A-Za-z_]\w*)/g)) {
    if (match.index > end) pieces.push(encodeUrl(source.slice(end, match.index)));
    pieces.push({ name: match[2] ?? '', isRest: match[1] === '*' });
    end = match.index + match[0].length;
  }
  if (end < source.length) pieces.push(encodeUrl(source.slice(end)));
  return pieces;
}

function fromExpression(pattern: RegExp): PathPattern {
  const source = String(pattern);
  const expression = new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gmy]/g, ''));
  const empty = new RegExp(`${pattern.source}|`, expression.flags).exec('');
  const groups = (empty?.length ?? 1) - 1;
  const named = Object.keys(empty?.groups ?? {});
  if (named.length > 0 && named.length < groups) {
    throw new GaleError('WEB_ROUTE', `groups of a pattern must all be named or all be unnamed; got ${source}.`);
  }
  const names = named.length > 0 ? named : undefined;
  return {
    source,
    exact: undefined,
    expression,
    names,
    toPath: (values) => {
      const pieces = splitExpression(pattern.source, source);
      const slots = names ?? pieces.filter((piece) => typeof piece !== 'string').map((_, index) => String(index));
      const path = fill(source, pieces, orderValues(source, slots, values, names === undefined));
      if (expression.test(path)) return path;
      throw new GaleError('WEB_ROUTE', `arguments of ${source} must build a path that matches it; got ${path}.`);
    },
  };
}

/** Splits a regular expression into plain text and groups. Throws for anything else. */
function splitExpression(expression: string, source: string): Piece[] {
  const pieces: Piece[] = [];
  let rest = expression.replace(/^\^/, '').replace(/(?<!\\)\$$/, '');
  while (rest !== '') {
    const group = /^\((?:\?<(\w+)>|(?!\?))(?:[^()\\[]|\\.|\[(?:[^\]\\]|\\.)*\])*\)(?![?*+{])/.exec(rest);
    const text = /^(?:[^\\^$.*+?()[\]{}|]|\\[^A-Za-z0-9])(?![?*+{])/.exec(rest);
    if (group) pieces.push({ name: group[1] ?? '', isRest: true });
    else if (text) pieces.push(text[0].replace(/^\\/, ''));
    else throw new GaleError('WEB_ROUTE', `A path can be built only for plain text and groups; ${source} has ${rest}.`);
    rest = rest.slice((group ?? text)?.[0].length);
  }
  return pieces;
}

/** Puts the arguments of `toPath` into the order of the pattern. */
function orderValues(
  source: string,
  slots: readonly string[],
  values: readonly (PathArgument | Readonly<Record<string, PathArgument>>)[],
  positionalOnly = false,
): PathArgument[] {
  const [first] = values;
  const isByName = !positionalOnly && values.length === 1 && typeof first === 'object';
  const given = isByName ? Object.entries(first) : values.map((value, index) => [slots[index], value] as const);
  const byName = new Map(given);
  const ordered = slots.map((name) => byName.get(name));
  if (given.length !== slots.length || !ordered.every(isArgument)) {
    const wanted = slots.length === 0 ? 'none' : slots.join(', ');
    throw new GaleError('WEB_ROUTE', `arguments of ${source} must be ${wanted}; got ${JSON.stringify(values)}.`);
  }
  return ordered;
}

function isArgument(value: unknown): value is PathArgument {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';
}

function fill(source: string, pieces: readonly Piece[], values: readonly PathArgument[]): string {
  let index = 0;
  let path = '';
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      path += piece;
      continue;
    }
    const value = String(values[index++]);
    if (!piece.isRest && value === '')
      throw new GaleError('WEB_ROUTE', `argument ${piece.name} of ${source} must not be empty.`);
    path += piece.isRest ? encodePath(value) : encodePath(value).replaceAll('/', '%2F');
  }
  return path;
}
