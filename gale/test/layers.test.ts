import assert from 'node:assert/strict';
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { test } from 'node:test';
import { filesBelow, importsOf, textOf } from './support/repository.ts';

/** Layers from the lowest to the highest. A file may import from its own layer and lower ones. */
const layers = ['errors', 'run', 'stores', 'http', 'websocket', 'web', 'rooms', 'command'];
/** Files for tests of applications: above web, beside rooms. No other layer imports them. */
const testingFolder = 'gale/src/testing/';
const belowTesting = layers.indexOf('web');

const isSource = (path: string): boolean => /\.tsx?$/.test(path) && !path.includes('.test');
const sources = filesBelow('gale/src').filter(isSource);
/** The files of `exports` in package.json. They only re-export, from all layers. */
const isEntry = (path: string): boolean => /^gale\/src\/[^/]+$/.test(path) && path !== 'gale/src/errors.ts';

/** @returns The number of the layer; -1 for a file in none. */
function layerOf(path: string): number {
  return layers.indexOf(/^gale\/src\/([^/.]+)/.exec(path)?.[1] ?? '');
}

/** The imports of a source that its layer forbids. */
function forbiddenImports(path: string, text: string): string[] {
  return importsOf(text).filter((specifier) => {
    // The package must not import its own exports: they include all layers.
    if (/^gale(?:\/|$)/.test(specifier)) return true;
    if (!specifier.startsWith('.')) return false;
    const target = posix.join(posix.dirname(path), specifier);
    const isTesting = path.startsWith(testingFolder);
    if (isTesting && target.startsWith(testingFolder)) return false;
    const highest = isTesting ? belowTesting : layerOf(path);
    return layerOf(target) < 0 || isEntry(target) || layerOf(target) > highest;
  });
}

test('files import only from their own layer and lower ones', async () => {
  const found: string[] = [];
  const files = sources.filter((path) => !isEntry(path));
  for (const path of files) {
    assert.ok(layerOf(path) >= 0 || path.startsWith(testingFolder), `${path} is in no layer`);
    const text = await textOf(path);
    found.push(...forbiddenImports(path, text).map((specifier) => `${path} -> ${specifier}`));
    // The command imports the application of its user.
    if (path === 'gale/src/command/application-file.ts') continue;
    assert.doesNotMatch(text, /\bimport\((?!['"])/, `${path} imports a module whose name is not a literal`);
  }
  assert.deepEqual(found, []);
  assert.ok(files.length > 50, `only ${files.length} sources were found`);
});

test('detects imports from higher layers, of the entries and of the package itself', () => {
  for (const [path, specifier] of [
    ['gale/src/errors.ts', './rooms/rooms.ts'],
    ['gale/src/errors.ts', './run/log.ts'],
    ['gale/src/run/log.ts', '../http/server.ts'],
    ['gale/src/http/server.ts', '../index.ts'],
    ['gale/src/web/static/static-file.ts', '../../rooms/rooms.ts'],
    ['gale/src/testing/free-port.ts', '../rooms/rooms.ts'],
    ['gale/src/web/application.ts', '../testing/free-port.ts'],
    ['gale/src/testing/test-app.ts', '../index.ts'],
    ['gale/src/run/log.ts', 'gale/http'],
  ] as const) {
    assert.deepEqual(
      forbiddenImports(path, `import { a } from '${specifier}';`),
      [specifier],
      `${path} -> ${specifier}`,
    );
  }
  const dynamic = 'const a = await import(`../rooms/rooms.ts`); const b = require("../web/handler.ts");';
  assert.deepEqual(forbiddenImports('gale/src/run/log.ts', dynamic), ['../rooms/rooms.ts', '../web/handler.ts']);
  assert.deepEqual(forbiddenImports('gale/src/rooms/rooms.ts', "import { GaleError } from '../errors.ts';"), []);
  const allowed = "import { Application } from '../web/application.ts'; import { freePort } from './free-port.ts';";
  assert.deepEqual(forbiddenImports('gale/src/testing/test-app.ts', allowed), []);
});

/** Folders whose files parse and serialize without sockets, timers and processes, and the modules of Node.js that they may import. */
const protocolFolders: Readonly<Record<string, readonly string[]>> = {
  'gale/src/http/protocol': ['node:buffer'],
  'gale/src/http/proxy': ['node:buffer'],
  'gale/src/websocket/protocol': ['node:buffer', 'node:crypto'],
  // A loader reads templates from files.
  'gale/src/web/template': ['node:fs', 'node:path'],
};
/** Functions of node:net that only parse addresses. */
const pureNames = ['isIP', 'isIPv4', 'isIPv6', 'BlockList', 'SocketAddress'];
const impureCall =
  /\b(?:set(?:Timeout|Interval|Immediate)|nextTick|queueMicrotask|fetch|getBuiltinModule)\(|\bnew (?:WebSocket|EventSource|Worker)\b/;

/** What protocol code of `folder` must not do: the forbidden imports and calls in `text`. */
function impurities(folder: string, text: string): string[] {
  // From node:net it may import only these functions.
  const rest = text.replace(/^import \{ ([^}]+) \} from 'node:net';$/m, (line, names: string) =>
    names.split(', ').every((name) => pureNames.includes(name)) ? '' : line,
  );
  const imports = importsOf(rest).filter((specifier) =>
    specifier.startsWith('.')
      ? specifier.includes('/stores/')
      : isBuiltin(specifier) && !protocolFolders[folder]?.includes(specifier),
  );
  return [...imports, ...(impureCall.exec(rest) ?? [])];
}

test('protocol code uses no sockets, timers, files, processes and stores', async () => {
  for (const folder of Object.keys(protocolFolders)) {
    const files = sources.filter((path) => path.startsWith(`${folder}/`));
    assert.ok(files.length > 3, folder);
    for (const path of files) assert.deepEqual(impurities(folder, await textOf(path)), [], path);
  }
});

test('detects sockets, timers, files, processes and stores in protocol code', () => {
  for (const text of [
    "import { connect } from 'node:net';",
    "import {\n  isIP,\n  connect,\n} from 'node:net';",
    "import { readFileSync } from 'fs';",
    "import { lookup } from 'node:dns';",
    "import { spawn } from 'node:child_process';",
    "import net = require('node:net');",
    "import { RedisConnection } from '../../stores/redis-connection.ts';",
    'setTimeout(next, 1);',
    "await fetch('http://example.com');",
    "process.getBuiltinModule('node:net');",
    "new WebSocket('ws://example.com');",
  ]) {
    assert.equal(impurities('gale/src/http/protocol', text).length, 1, text);
  }
  assert.deepEqual(impurities('gale/src/http/protocol', "import { isIP } from 'node:net';"), []);
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
      levelOf(path);
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
