import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { test } from 'node:test';
import { filesBelow, importsOf, textOf } from './repository.ts';

/** From the ground up; a file may import from its own storey and those before it. */
const storeys = ['run', 'http', 'websocket', 'web', 'rooms'];

const isSource = (path: string): boolean => /\.tsx?$/.test(path) && !path.includes('.test');
const sources = filesBelow('gale/src').filter(isSource);

function storeyOf(path: string): number {
  const match = /^gale\/src\/([^/]+)\//.exec(path);
  return match?.[1] ? storeys.indexOf(match[1]) : -1;
}

test('imports go down the storeys only', async () => {
  const upward: string[] = [];
  for (const path of sources.filter((source) => storeyOf(source) >= 0)) {
    for (const specifier of importsOf(await textOf(path))) {
      if (!specifier.startsWith('.')) continue;
      const target = posix.join(posix.dirname(path), specifier);
      const isErrors = target === 'gale/src/errors.ts';
      if (!isErrors && (storeyOf(target) < 0 || storeyOf(target) > storeyOf(path))) upward.push(`${path} -> ${target}`);
    }
  }
  assert.deepEqual(upward, []);
  assert.ok(sources.length > 50, `only ${sources.length} sources were found`);
});

test('protocol code opens no socket and starts no timer', async () => {
  const protocol = [
    /^gale\/src\/http\/(parser|framing|chunked|request-line|header-list)\.ts$/,
    /^gale\/src\/websocket\/(frame|mask|utf8|protocol|prepared-message)\.ts$/,
    /^gale\/src\/web\/template\//,
  ];
  const files = sources.filter((path) => protocol.some((pattern) => pattern.test(path)));
  assert.ok(files.length >= 8, files.join(' '));
  for (const path of files) {
    const text = await textOf(path);
    for (const specifier of importsOf(text)) {
      assert.doesNotMatch(specifier, /^node:(net|tls|http|https|timers)/, path);
    }
    assert.doesNotMatch(text, /\bset(Timeout|Interval|Immediate)\(/, path);
  }
});

test('nothing in the package reaches for node:http, node:https or ws', async () => {
  for (const path of sources) {
    for (const specifier of importsOf(await textOf(path))) {
      assert.doesNotMatch(specifier, /^(node:)?(http|https|http2|ws)$/, path);
    }
  }
});

test('the chat room and the examples see the package only through its exports', async () => {
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

test('no file is a barrel, a default export or a drawer for odds and ends', async () => {
  for (const path of [...sources, ...filesBelow('chat').filter(isSource)]) {
    assert.doesNotMatch(posix.basename(path), /^(utils?|helpers?|common|misc|types)\.tsx?$/, path);
    if (path.endsWith('vite.config.ts')) continue;
    assert.doesNotMatch(await textOf(path), /^export default\b/m, path);
  }
});
