/** The route of a path is the first in the written order that matches, as if all were tried. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GaleError } from '../errors.ts';
import { createPathPattern } from './path-pattern.ts';
import { normalPath } from './percent-encoding.ts';
import { RouteTable } from './route-table.ts';
import { seededRandom, seedOfRun } from '../../test/support/seeded-random.ts';

type Path = string | RegExp;

/** A table with the patterns of the list that can be together in one. */
function tableOf(paths: readonly Path[]): { table: RouteTable; kept: readonly Path[] } {
  let kept: readonly Path[] = [];
  let table = new RouteTable([]);
  for (const path of paths) {
    try {
      table = new RouteTable([...kept, path].map((item) => [item, () => '']));
      kept = [...kept, path];
    } catch (error) {
      // Duplicates and covered routes are refused.
      assert.ok(error instanceof GaleError && /must be able to match/.test(error.message), String(error));
    }
  }
  return { table, kept };
}

/** Tries all patterns in order. */
function findNaively(paths: readonly Path[], path: string): { path: Path; groups: readonly unknown[] } | undefined {
  for (const item of paths) {
    const groups = createPathPattern(item).expression.exec(normalPath(path));
    if (groups !== null) return { path: item, groups: groups.slice(1) };
  }
  return undefined;
}

/** A path of `count` parameters and a last segment. */
function createDeepPath(count: number, last: string): string {
  return `${Array.from({ length: count }, (_, index) => `/:p${index}`).join('')}/${last}`;
}

function assertSame(table: RouteTable, kept: readonly Path[], path: string): void {
  const found = table.find(path);
  const shown = found && { path: found.route.path, groups: found.groups?.slice(1) ?? [] };
  assert.deepEqual(shown, findNaively(kept, path), `${path} of ${kept.join(' ')}`);
}

test('finds the same route as trying all in order, for random lists and paths', () => {
  const seed = seedOfRun();
  console.log(`seed ${seed}`);
  const random = seededRandom(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const names = ['w', 'x', 'y', 'z'];
  const createPath = (): Path => {
    if (random() < 0.15)
      return pick([/\/(a|b)/, /\/a\/(.*)/, /\/(\w+)\/(\w+)/, /\/b.*/, /\/(?<one>[^/]+)\/b\/?/, /\/~.*/]);
    const count = Math.floor(random() * 4);
    let path = '';
    for (let index = 0; index <= count; index++) {
      const name = names[index] ?? 'v';
      path += `/${pick(['a', 'b', 'ab', '', `:${name}`, `:${name}`, `a:${name}`, `:${name}-b`, `:${name}b`, '\\[', '~'])}`;
    }
    return random() < 0.2 ? `${path}/*rest` : path;
  };
  const createRequest = (): string => {
    const count = Math.floor(random() * 5);
    let path = '';
    for (let index = 0; index <= count; index++) {
      path += `/${pick(['a', 'b', 'ab', '', 'c', 'a-b', 'c-b', '[', '%5B', '%5b', '%7E', '~', '%2F', 'caf%C3%A9'])}`;
    }
    return path;
  };
  for (let round = 0; round < 300; round++) {
    const { table, kept } = tableOf(Array.from({ length: 2 + Math.floor(random() * 10) }, createPath));
    for (let request = 0; request < 40; request++) assertSame(table, kept, createRequest());
    for (const path of ['', '*', 'a', '/', '//']) assertSame(table, kept, path);
  }
});

test('a text segment does not hide an earlier parameter, nor a parameter an earlier text', () => {
  const paths = ['/a/:x/c', '/:x/b/:y', '/a/b/:y', '/a/*rest', '/:x/:y/:z', /\/q\/(\w+)\/r/, '/q/:y/:z/s', '/*all'];
  const { table, kept } = tableOf(paths);
  assert.deepEqual(kept, ['/a/:x/c', '/:x/b/:y', '/a/b/:y', '/a/*rest', '/:x/:y/:z', paths[5], '/q/:y/:z/s', '/*all']);
  for (const path of ['/a/b/c', '/a/b/d', '/a/d/e', '/q/b/r', '/q/w/r', '/q/w/r/s', '/x', '/', '/a', '/a/']) {
    assertSame(table, kept, path);
  }
});

test('a path that the parameters of many routes match finds its route', () => {
  const depth = 24;
  const paths = Array.from({ length: depth }, (_, index) => createDeepPath(index, 'end'));
  const { table, kept } = tableOf(paths);
  assertSame(table, kept, `${'/a'.repeat(depth - 1)}/end`);
  assertSame(table, kept, '/end'.repeat(depth + 1));
});
