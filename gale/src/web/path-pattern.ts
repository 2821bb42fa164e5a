/**
 * Which paths a route answers, and the way back from arguments to a path. Two kinds: a path pattern (`/story/:id`,
 * `/files/*rest`) and a regular expression, whose groups become arguments as in Tornado.
 * Both are held against the path as it was sent, still percent-encoded, so an encoded slash never splits an argument.
 */
import { GaleError } from '../errors.ts';
import { encodePath, encodeUrl } from './percent-encoding.ts';

/** What a path pattern's parameters, or a regular expression's groups, are filled with to make a path. */
export type PathArgument = string | number | bigint;

/** A compiled pattern. */
export interface PathPattern {
  /** As it was written; for messages. */
  readonly source: string;
  /** The only path it matches, if it has no parameters. */
  readonly exact: string | undefined;
  /** Matches a whole path; the groups are the arguments, still encoded. */
  readonly expression: RegExp;
  /** Names of the arguments in order; `undefined` if they are positional. */
  readonly names: readonly string[] | undefined;
  /**
   * Makes the path that leads here.
   *
   * @param values - Values in order, or one object by name.
   * @throws {@link GaleError} `WEB_ROUTE` if their number or names are wrong, or the pattern cannot be turned round.
   */
  toPath(values: readonly (PathArgument | Readonly<Record<string, PathArgument>>)[]): string;
}

/**
 * Compiles the pattern of a route.
 *
 * `:name` takes one segment and is never empty; of several in one segment, all but the last end where the text between
 * them begins. `*name` takes the rest, slashes included, once in a pattern. All else stands for itself. A regular expression must match the whole
 * path; its groups are all named or all unnamed.
 *
 * @throws {@link GaleError} `WEB_ROUTE` if it is neither.
 */
export function createPathPattern(pattern: string | RegExp): PathPattern {
  return typeof pattern === 'string' ? fromPath(pattern) : fromExpression(pattern);
}

/** A piece of a path: text, or the place of an argument. */
type Piece = string | { readonly name: string; readonly isRest: boolean };

function fromPath(source: string): PathPattern {
  if (!source.startsWith('/')) {
    const advice = source.startsWith('^') ? 'Write a regular expression as /^…$/.' : 'A path starts with `/`.';
    throw new GaleError('WEB_ROUTE', `The path pattern ${JSON.stringify(source)} is no path. ${advice}`);
  }
  const pieces = splitPath(source);
  const names = pieces.filter((piece) => typeof piece !== 'string').map((piece) => piece.name);
  if (new Set(names).size < names.length) {
    throw new GaleError('WEB_ROUTE', `The path pattern ${source} has two parameters of one name.`);
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

/** Each piece as a regular expression. Only one of a segment may have to be tried at several lengths, or a long path would take long. */
function toSource(piece: Piece, index: number, pieces: readonly Piece[]): string {
  if (typeof piece === 'string') return escapeExpression(piece);
  if (piece.isRest) return '(.*)';
  const [text, next] = pieces.slice(index + 1, index + 3);
  const hasFollower = typeof text === 'string' && typeof next === 'object' && !text.includes('/');
  return hasFollower ? `([^/${escapeExpression(text.slice(0, 1))}]+)` : '([^/]+)';
}

/** @throws {@link GaleError} `WEB_ROUTE` where it is not clear, or takes long to find out, where a parameter ends. */
function assertLinear(source: string, pieces: readonly Piece[]): void {
  const parameters = pieces.filter((piece) => typeof piece !== 'string');
  const isTouching = pieces.some((piece, index) => typeof piece !== 'string' && typeof pieces[index + 1] === 'object');
  if (isTouching || parameters.filter((piece) => piece.isRest).length > 1) {
    throw new GaleError(
      'WEB_ROUTE',
      `In the path pattern ${source} nothing says where a parameter ends; put text between parameters, and one * at most.`,
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
    throw new GaleError('WEB_ROUTE', `The groups of ${source} are partly named; name all of them or none.`);
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
      throw new GaleError('WEB_ROUTE', `The path ${path} made for ${source} does not match it; check the arguments.`);
    },
  };
}

/** Takes a regular expression apart into plain text and groups; throws where it holds anything else. */
function splitExpression(expression: string, source: string): Piece[] {
  const pieces: Piece[] = [];
  let rest = expression.replace(/^\^/, '').replace(/(?<!\\)\$$/, '');
  while (rest !== '') {
    const group = /^\((?:\?<(\w+)>|(?!\?))(?:[^()\\[]|\\.|\[(?:[^\]\\]|\\.)*\])*\)(?![?*+{])/.exec(rest);
    const text = /^(?:[^\\^$.*+?()[\]{}|]|\\[^A-Za-z0-9])(?![?*+{])/.exec(rest);
    if (group) pieces.push({ name: group[1] ?? '', isRest: true });
    else if (text) pieces.push(text[0].replace(/^\\/, ''));
    else throw new GaleError('WEB_ROUTE', `No path can be made for ${source}: ${rest} is not plain text or one group.`);
    rest = rest.slice((group ?? text)?.[0].length);
  }
  return pieces;
}

/** Brings what was passed to `toPath` into the order of the pattern. */
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
    throw new GaleError('WEB_ROUTE', `${source} needs the arguments ${wanted}; got ${JSON.stringify(values)}.`);
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
      throw new GaleError('WEB_ROUTE', `The argument ${piece.name} of ${source} is empty.`);
    path += piece.isRest ? encodePath(value) : encodePath(value).replaceAll('/', '%2F');
  }
  return path;
}
