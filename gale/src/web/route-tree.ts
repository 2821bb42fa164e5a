/**
 * The path patterns of a list of routes as a tree of segments, so that the time to find a route does not grow with their number. A
 * segment of a pattern is a text, which is looked up in a map, or one parameter. A pattern whose rest is anything else, such as
 * `*rest` or two parameters in one segment, ends in the tree before it and is tried by its expression.
 */
import { splitPath } from './path-syntax.ts';

/** A pattern and its position in the written order. */
export interface TreeEntry {
  readonly position: number;
  readonly expression: RegExp;
}

interface Node<Entry extends TreeEntry> {
  /** Smallest position below this node: a search that has found an earlier route does not go there. */
  first: number;
  readonly texts: Map<string, Node<Entry>>;
  parameter: Node<Entry> | undefined;
  /** The pattern that ends here. */
  end: Entry | undefined;
  /** Patterns whose rest is tried by their expression, in the written order. */
  readonly tried: Entry[];
}

/** Finds the first matching pattern. Entries are added in their order. */
export class RouteTree<Entry extends TreeEntry> {
  readonly #root: Node<Entry> = createNode(0);

  /** @param source - A valid path pattern. */
  add(source: string, entry: Entry): void {
    const { segments, isComplete } = splitSegments(source);
    let node = this.#root;
    for (const segment of segments) node = childOf(node, segment, entry.position);
    if (isComplete) node.end ??= entry;
    else node.tried.push(entry);
  }

  /**
   * The entry with the smallest position that matches.
   *
   * @param path - In its normal form.
   * @param before - Only entries with a smaller position are wanted.
   */
  find(path: string, before: number): Entry | undefined {
    return path.startsWith('/') ? findBelow(this.#root, path, 1, before) : undefined;
  }
}

function createNode<Entry extends TreeEntry>(first: number): Node<Entry> {
  return { first, texts: new Map(), parameter: undefined, end: undefined, tried: [] };
}

/** @param segment - `undefined` for a parameter. */
function childOf<Entry extends TreeEntry>(
  node: Node<Entry>,
  segment: string | undefined,
  position: number,
): Node<Entry> {
  if (segment === undefined) return (node.parameter ??= createNode(position));
  let child = node.texts.get(segment);
  if (child === undefined) {
    child = createNode(position);
    node.texts.set(segment, child);
  }
  return child;
}

/** Each node is visited at most once, since its place in the path is always the same. */
function findBelow<Entry extends TreeEntry>(
  node: Node<Entry>,
  path: string,
  start: number,
  before: number,
): Entry | undefined {
  let found: Entry | undefined;
  let limit = before;
  for (const entry of node.tried) {
    if (entry.position >= limit) break;
    if (!entry.expression.test(path)) continue;
    found = entry;
    limit = entry.position;
    break;
  }
  if (start > path.length) return node.end !== undefined && node.end.position < limit ? node.end : found;
  const slash = path.indexOf('/', start);
  const end = slash < 0 ? path.length : slash;
  const child = node.texts.get(path.slice(start, end));
  if (child !== undefined && child.first < limit) {
    const below = findBelow(child, path, end + 1, limit);
    if (below !== undefined) {
      found = below;
      limit = below.position;
    }
  }
  const { parameter } = node;
  if (parameter !== undefined && end > start && parameter.first < limit) {
    found = findBelow(parameter, path, end + 1, limit) ?? found;
  }
  return found;
}

/**
 * The leading segments of a pattern that the tree can hold.
 *
 * @returns `undefined` for a parameter; whether these are all segments.
 */
function splitSegments(source: string): { segments: readonly (string | undefined)[]; isComplete: boolean } {
  const segments: (string | undefined)[] = [];
  let text = '';
  let hasParameter = false;
  const end = (): void => {
    segments.push(hasParameter ? undefined : text);
    text = '';
    hasParameter = false;
  };
  // The first piece begins with the first slash.
  for (const [index, piece] of splitPath(source).entries()) {
    if (typeof piece === 'object') {
      if (piece.isRest || text !== '' || hasParameter) return { segments, isComplete: false };
      hasParameter = true;
      continue;
    }
    const parts = piece.split('/');
    if (index === 0) parts.shift();
    for (const [number, part] of parts.entries()) {
      if (number > 0) end();
      if (hasSpellings(part) || (hasParameter && part !== '')) return { segments, isComplete: false };
      text = part;
    }
  }
  end();
  return { segments, isComplete: true };
}

/** Whether paths have a sign of this text as itself or percent-encoded; see path-pattern.ts. */
function hasSpellings(text: string): boolean {
  return /%(?:5B|5D|5E|7C)/.test(text);
}
