import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { test } from 'node:test';
import { filesBelow, importsOf, textOf } from './support/repository.ts';

/** Layers from the lowest to the highest. A file may import from its own layer and lower ones. */
const layers = ['run', 'stores', 'http', 'websocket', 'web', 'rooms'];

const isSource = (path: string): boolean => /\.tsx?$/.test(path) && !path.includes('.test');
const sources = filesBelow('gale/src').filter(isSource);

function layerOf(path: string): number {
  const match = /^gale\/src\/([^/]+)\//.exec(path);
  return match?.[1] ? layers.indexOf(match[1]) : -1;
}

test('files import only from their own layer and lower ones', async () => {
  const upward: string[] = [];
  for (const path of sources.filter((source) => layerOf(source) >= 0)) {
    for (const specifier of importsOf(await textOf(path))) {
      if (!specifier.startsWith('.')) continue;
      const target = posix.join(posix.dirname(path), specifier);
      const isErrors = target === 'gale/src/errors.ts';
      if (!isErrors && (layerOf(target) < 0 || layerOf(target) > layerOf(path))) upward.push(`${path} -> ${target}`);
    }
  }
  assert.deepEqual(upward, []);
  assert.ok(sources.length > 50, `only ${sources.length} sources were found`);
});

/** Folders whose files parse and serialize without I/O. */
const protocolFolders = [
  'gale/src/http/protocol',
  'gale/src/http/proxy',
  'gale/src/websocket/protocol',
  'gale/src/web/template',
];
/** Functions of node:net that only parse addresses. */
const pureNames = ['isIP', 'isIPv4', 'isIPv6', 'BlockList', 'SocketAddress'];

test('protocol code uses no sockets and no timers', async () => {
  const files = sources.filter((path) => protocolFolders.includes(posix.dirname(path)));
  for (const folder of protocolFolders)
    assert.ok(
      files.some((path) => posix.dirname(path) === folder),
      folder,
    );
  for (const path of files) {
    // From node:net it may import only these functions.
    const text = (await textOf(path)).replace(/^import \{ ([^}]+) \} from 'node:net';$/m, (line, names: string) =>
      names.split(', ').every((name) => pureNames.includes(name)) ? '' : line,
    );
    for (const specifier of importsOf(text)) {
      assert.doesNotMatch(specifier, /^(node:)?(net|tls|dgram|http|https|http2|timers)\b/, path);
    }
    assert.doesNotMatch(text, /\b(set(Timeout|Interval|Immediate)|nextTick|queueMicrotask)\(/, path);
  }
});

/** Folders of a layer from the lowest to the highest; '' means the files directly in the layer. */
const folderLines: Readonly<Record<string, readonly string[]>> = {
  'gale/src/http': ['protocol', 'proxy', 'timing', 'options', 'socket', ''],
  // The client opens connections, so it is above connection.ts.
  'gale/src/websocket': ['protocol', 'compression', 'writing', '', 'client'],
};

for (const [layer, line] of Object.entries(folderLines)) {
  const levelOf = (path: string): number => {
    const folder = posix.relative(layer, posix.dirname(path));
    const level = line.indexOf(folder);
    assert.ok(level >= 0, `${path} is in a folder without a level`);
    return level;
  };

  test(`folders of ${layer} import only from lower ones`, async () => {
    const upward: string[] = [];
    let importCount = 0;
    for (const path of sources.filter((source) => source.startsWith(`${layer}/`))) {
      for (const specifier of importsOf(await textOf(path))) {
        const target = posix.join(posix.dirname(path), specifier);
        if (!specifier.startsWith('.') || !target.startsWith(`${layer}/`)) continue;
        importCount++;
        if (levelOf(target) > levelOf(path)) upward.push(`${path} -> ${target}`);
      }
    }
    assert.deepEqual(upward, []);
    assert.ok(importCount > 50, `only ${importCount} imports were found`);
  });
}

test('web has no import cycle, including type imports', async () => {
  const imports = new Map<string, string[]>();
  for (const path of sources.filter((source) => source.startsWith('gale/src/web/'))) {
    const specifiers = importsOf(await textOf(path)).filter((specifier) => specifier.startsWith('.'));
    imports.set(
      path,
      specifiers.map((specifier) => posix.join(posix.dirname(path), specifier)),
    );
  }
  assert.ok(imports.size > 30, `only ${imports.size} files were found`);
  assert.deepEqual(findCircle(imports), []);
});

/** The files of one import cycle, in order; empty if there is none. */
function findCircle(imports: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const finished = new Set<string>();
  const visit = (path: string, parents: readonly string[]): readonly string[] => {
    if (parents.includes(path)) return parents.slice(parents.indexOf(path));
    if (finished.has(path)) return [];
    for (const target of imports.get(path) ?? []) {
      const circle = visit(target, [...parents, path]);
      if (circle.length > 0) return circle;
    }
    finished.add(path);
    return [];
  };
  for (const path of imports.keys()) {
    const circle = visit(path, []);
    if (circle.length > 0) return circle;
  }
  return [];
}

test('detects an import cycle', () => {
  const imports = new Map([
    ['a', ['b', 'd']],
    ['b', ['c', 'd']],
    ['c', ['b']],
    ['d', []],
  ]);
  assert.deepEqual(findCircle(imports), ['b', 'c']);
});

test('the package does not import node:http, node:https or ws', async () => {
  for (const path of sources) {
    for (const specifier of importsOf(await textOf(path))) {
      assert.doesNotMatch(specifier, /^(node:)?(http|https|http2|ws)$/, path);
    }
  }
});

test('the chat room and the examples import the package only through its exports', async () => {
  const users = [...filesBelow('chat'), ...filesBelow('examples')].filter((path) => /\.tsx?$/.test(path));
  assert.ok(users.length > 20, `only ${users.length} files were found`);
  for (const path of users) {
    for (const specifier of importsOf(await textOf(path))) {
      if (!specifier.startsWith('.')) continue;
      const target = posix.join(posix.dirname(path), specifier);
      assert.ok(target.startsWith(path.slice(0, path.indexOf('/') + 1)), `${path} -> ${target}`);
    }
  }
});

test('no file is a barrel, has a default export, or is named utils or alike', async () => {
  for (const path of [...sources, ...filesBelow('chat').filter(isSource)]) {
    assert.doesNotMatch(posix.basename(path), /^(utils?|helpers?|common|misc|types)\.tsx?$/, path);
    if (path.endsWith('vite.config.ts')) continue;
    assert.doesNotMatch(await textOf(path), /^export default\b/m, path);
  }
});
