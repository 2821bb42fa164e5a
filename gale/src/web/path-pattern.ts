/**
 * Matches paths and builds paths from arguments. There are two kinds of patterns: path patterns (`/story/:id`,
 * `/files/*rest`) and regular expressions, whose groups become arguments as in Tornado. Both match the normal form of a path,
 * still percent-encoded, so an encoded slash never splits an argument.
 */
import { GaleError } from '../errors.ts';
import { showValue } from '../run/given-options.ts';
import { assertExpression, splitExpression, withoutAnchors, withoutNames } from './expression-syntax.ts';
import { escapeExpression, splitPath, type Piece } from './path-syntax.ts';
import { decodePercent, encodePath, normalPath } from './percent-encoding.ts';

/** An argument of a path. */
export type PathArgument = string | number | bigint;

/** A compiled pattern. */
export interface PathPattern {
  /** The pattern as written, for messages. */
  readonly source: string;
  /** Equal for patterns that match the same paths with the same arguments, whatever their names. Others may be equal too, but differ here. */
  readonly key: string;
  /** The only matching path, if the pattern has no parameters. */
  readonly exact: string | undefined;
  /** Matches a whole path in its normal form. The groups are the arguments, still encoded. */
  readonly expression: RegExp;
  /** Names of the arguments in order; `undefined` if they are positional. */
  readonly names: readonly string[] | undefined;
  /** Names of the arguments in order, or their positions: `0`, `1` … */
  readonly slots: readonly string[];
  /** Text that every matching path begins with; may be empty. */
  readonly start: string;
  /** If the pattern matches every path that begins with a text: that text. */
  readonly everyAfter: string | undefined;
  /**
   * Builds a path that matches, and whose arguments are `values`.
   *
   * @param values - Arguments in order, or one object by name.
   * @throws {@link GaleError} `WEB_ROUTE` if their number or names are wrong, or if there is no such path.
   */
  toPath(values: readonly (PathArgument | Readonly<Record<string, PathArgument>>)[]): string;
}

/**
 * Compiles the pattern of a route.
 *
 * `:name` matches one segment and is never empty. If a segment has several parameters, each but the last ends at the first
 * character of the text after it. `*name` matches the rest, slashes included; a pattern can have one. Other text matches
 * itself; a backslash makes text of `:` and other signs. A regular expression must match the whole path; its groups are all
 * named or all unnamed.
 *
 * @throws {@link GaleError} `WEB_ROUTE` if the pattern is invalid.
 */
export function createPathPattern(pattern: string | RegExp): PathPattern {
  return typeof pattern === 'string' ? fromPath(pattern) : fromExpression(pattern);
}

function fromPath(source: string): PathPattern {
  const pieces = splitPath(source);
  const names = pieces.filter((piece) => typeof piece !== 'string').map((piece) => piece.name);
  const text = pieces.join('');
  const isExact = names.length === 0 && toSource(text) === escapeExpression(text);
  const expression = new RegExp(`^${pieces.map(pieceSource).join('')}$`);
  const pattern = {
    source,
    key: String(expression),
    exact: isExact ? text : undefined,
    expression,
    names,
    slots: names,
    start: typeof pieces[0] === 'string' ? pieces[0] : '',
    everyAfter:
      pieces.length === 2 && typeof pieces[1] === 'object' && pieces[1].isRest ? String(pieces[0]) : undefined,
  };
  return { ...pattern, toPath: (values) => buildPath(pattern, pieces, orderValues(source, names, values)) };
}

/** The piece as a regular expression. At most one parameter of a segment can backtrack, so that matching takes linear time. */
function pieceSource(piece: Piece, index: number, pieces: readonly Piece[]): string {
  if (typeof piece === 'string') return toSource(piece);
  if (piece.isRest) return '(.*)';
  const [text, next] = pieces.slice(index + 1, index + 3);
  const hasFollower = typeof text === 'string' && typeof next === 'object' && !text.includes('/');
  if (!hasFollower) return '([^/]+)';
  const [first = ''] = /^%[0-7].|^(?:%[C-F].(?:%[89AB].)+)|^./.exec(text) ?? [];
  return first.startsWith('%') ? `((?:(?!${toSource(first)})[^/])+)` : `([^/${escapeExpression(first)}]+)`;
}

/** Text as a regular expression. Browsers send some signs as they are, and other clients send them percent-encoded. */
function toSource(text: string): string {
  return escapeExpression(text).replace(/%(?:5B|5D|5E|7C)/g, (escape) => `(?:${escape}|\\${decodePercent(escape)})`);
}

function fromExpression(given: RegExp): PathPattern {
  assertExpression(given);
  const source = String(given);
  const expression = new RegExp(`^(?:${given.source})$`, given.flags.replace(/[gmy]/g, ''));
  const empty = new RegExp(`${given.source}|`, expression.flags).exec('');
  const groups = (empty?.length ?? 1) - 1;
  const named = Object.keys(empty?.groups ?? {});
  if (named.length > 0 && named.length < groups) {
    throw new GaleError('WEB_ROUTE', `groups of a pattern must all be named or all be unnamed; got ${source}.`);
  }
  const names = named.length > 0 ? named : undefined;
  const slots = names ?? Array.from({ length: groups }, (_, index) => String(index));
  const everyAfter = /^\^?(?:\\\/)?\(?\.\*\)?\$?$/.test(given.source) ? '' : undefined;
  const key = `${withoutNames(withoutAnchors(given.source))}/${expression.flags}`;
  const pattern = { source, key, exact: undefined, expression, names, slots, start: '', everyAfter };
  return {
    ...pattern,
    toPath: (values) =>
      buildPath(pattern, splitExpression(given), orderValues(source, slots, values, names === undefined)),
  };
}

/** Puts the arguments of `toPath` into the order of the pattern. */
function orderValues(
  source: string,
  slots: readonly string[],
  values: readonly (PathArgument | Readonly<Record<string, PathArgument>>)[],
  positionalOnly = false,
): PathArgument[] {
  const [first] = values;
  const isByName = !positionalOnly && values.length === 1 && typeof first === 'object' && first !== null;
  const given = isByName ? Object.entries(first) : values.map((value, index) => [slots[index], value] as const);
  const byName = new Map(given);
  const ordered = slots.map((name) => byName.get(name));
  if (given.length !== slots.length || !ordered.every(isArgument)) {
    const wanted = slots.length === 0 ? 'none' : slots.join(', ');
    const shown = isByName
      ? `{ ${given.map(([name, value]) => `${name}: ${showArgument(value)}`).join(', ')} }`
      : `[${values.map(showArgument).join(', ')}]`;
    throw new GaleError('WEB_ROUTE', `arguments of ${source} must be ${wanted}; got ${shown}.`);
  }
  return ordered;
}

/** The whole text of an argument, which is part of a URL; JSON shows NaN, undefined and symbols as null or not at all. */
function showArgument(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : showValue(value);
}

function isArgument(value: unknown): value is PathArgument {
  if (typeof value === 'string') return value.isWellFormed();
  return typeof value === 'bigint' || Number.isFinite(value);
}

/**
 * Fills the pieces. Slashes of an argument stay if the path then has the same arguments, otherwise they become `%2F`.
 *
 * @throws {@link GaleError} `WEB_ROUTE` if no path has these arguments.
 */
function buildPath(
  { source, exact, expression }: Omit<PathPattern, 'toPath'>,
  pieces: readonly Piece[],
  values: readonly PathArgument[],
): string {
  const texts = values.map(String);
  const isBuilt = (path: string): boolean => {
    // Browsers read two slashes as the start of a host.
    if (!path.startsWith('/') || path.startsWith('//')) return false;
    // Browsers remove dot segments before they send a path, so an argument must not become one.
    if (texts.length > 0 && /\/\.{1,2}(?:\/|$)/.test(path)) return false;
    const groups = path === exact ? [path] : expression.exec(normalPath(path));
    return groups !== null && texts.every((text, index) => decodePercent(groups[index + 1] ?? '') === text);
  };
  const paths = [false, true].map((hidesSlashes) => fill(pieces, texts, hidesSlashes));
  const path = paths.find(isBuilt);
  if (path !== undefined) return path;
  throw new GaleError(
    'WEB_ROUTE',
    `arguments of ${source} must build a path that matches it with the same arguments; ` +
      `got ${JSON.stringify(texts)}, which builds ${paths[0]}.`,
  );
}

function fill(pieces: readonly Piece[], texts: readonly string[], hidesSlashes: boolean): string {
  let index = 0;
  let path = '';
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      path += piece;
      continue;
    }
    const text = encodePath(texts[index++] ?? '');
    path += piece.isRest && !hidesSlashes ? text : text.replaceAll('/', '%2F');
  }
  return path;
}
