import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';
import * as fc from 'fast-check';
import { splitLinks } from './links.ts';
import type { TextPart } from './links.ts';

const links = (text: string): (string | undefined)[] =>
  splitLinks(text)
    .filter(({ href }) => href !== undefined)
    .map(({ href }) => href);

for (const [text, ...found] of [
  ['see https://example.com/a?b=c#d now', 'https://example.com/a?b=c#d'],
  ['HTTP://EXAMPLE.com', 'HTTP://EXAMPLE.com'],
  ['see https://example.com.', 'https://example.com'],
  ['really https://example.com/?!', 'https://example.com/'],
  ['(see https://example.com/a)', 'https://example.com/a'],
  ['https://en.wikipedia.org/wiki/Gale_(wind)', 'https://en.wikipedia.org/wiki/Gale_(wind)'],
  ['(https://en.wikipedia.org/wiki/Gale_(wind))', 'https://en.wikipedia.org/wiki/Gale_(wind)'],
  ['"https://example.com/a"', 'https://example.com/a'],
  ['<https://example.com/a>', 'https://example.com/a'],
  ['看https://example.com/a，然后', 'https://example.com/a'],
  ['https://example.com/a。下一句', 'https://example.com/a'],
  ['（https://example.com/a）', 'https://example.com/a'],
  ['「https://example.com/a」', 'https://example.com/a'],
  ['https://example.com/a你好', 'https://example.com/a'],
  ['https://example.com/a：说明', 'https://example.com/a'],
  ['https://example.com/a“引号”', 'https://example.com/a'],
  ['https://example.com/%E4%BD%A0', 'https://example.com/%E4%BD%A0'],
  ['http://localhost:8888/x and http://[::1]:80/', 'http://localhost:8888/x', 'http://[::1]:80/'],
  ['mailto:ada@example.com, please', 'mailto:ada@example.com'],
  ['one\nhttps://a.example\nhttps://b.example', 'https://a.example', 'https://b.example'],
] as const) {
  test(`${JSON.stringify(text)} contains ${found.join(' and ')}`, () => assert.deepEqual(links(text), found));
}

for (const text of [
  'javascript:alert(1)',
  'JavaScript://https:%0aalert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x file:///etc/passwd ftp://example.com',
  'https://',
  'https://。',
  'https://user:secret@example.com/',
  'https://bank.example@evil.example/',
  'mailto:',
  'mailto:nobody',
  'xhttps://example.com',
  'example.com www.example.com',
]) {
  test(`${JSON.stringify(text)} contains no link`, () => assert.deepEqual(links(text), []));
}

test('joined parts equal any text, and every link has one of the three schemes', () => {
  const bits = fc.constantFrom(
    'https://',
    'mailto:',
    'a.example',
    '/',
    '(',
    ')',
    '。',
    ' ',
    '.',
    '@',
    'javascript:',
    '你',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(bits, fc.string())), (pieces) => {
      const text = pieces.join('');
      const parts = splitLinks(text);
      assert.equal(parts.map((part) => part.text).join(''), text);
      for (const { href } of parts) if (href !== undefined) assert.match(href, /^(https?:\/\/|mailto:)/i);
    }),
  );
});

/** Splits in a worker thread. Slow code there does not block the test, which so runs into its timeout. */
async function splitInWorker(t: TestContext, text: string): Promise<TextPart[]> {
  const program = `
    const { parentPort, workerData: { module, text } } = require('node:worker_threads');
    import(module).then(({ splitLinks }) => parentPort.postMessage(splitLinks(text)));
  `;
  const workerData = { module: import.meta.resolve('./links.ts'), text };
  const worker = new Worker(program, { eval: true, workerData });
  t.after(() => worker.terminate());
  const [parts] = (await once(worker, 'message')) as [TextPart[]];
  return parts;
}

test('splits a long text of brackets, colons or schemes in linear time', async (t) => {
  // Quadratic code takes 10^12 steps, so the test would run into its timeout.
  const size = 1_000_000;
  const closing = ')'.repeat(size);
  assert.deepEqual(await splitInWorker(t, `https://example.com/${closing}`), [
    { text: 'https://example.com/', href: 'https://example.com/' },
    { text: closing },
  ]);
  const nested = `https://example.com/${'('.repeat(size)}${closing}`;
  assert.deepEqual(await splitInWorker(t, nested), [{ text: nested, href: nested }]);
  const schemes = 'https://'.repeat(size);
  assert.deepEqual(await splitInWorker(t, schemes), [{ text: schemes, href: schemes }]);
  const noLinks = [`mailto:${':'.repeat(size)}`, 'https:// '.repeat(size)];
  for (const text of noLinks) assert.deepEqual(await splitInWorker(t, text), [{ text }]);
});
