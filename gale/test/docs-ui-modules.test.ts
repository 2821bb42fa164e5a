/** Runs the program of docs/guide/ui-modules.md with the files of the page, and compares its output. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { launchChromium } from '../../chat/test/support/chromium.ts';
import { programsOf, startProgram } from './support/document-program.ts';
import { textOf } from './support/repository.ts';

const document = 'docs/guide/ui-modules.md';
const page = await textOf(document);
const programs = await programsOf(document);
const files = [...page.matchAll(/^```(\w+) (\S+)\n(.*?)^```/gms)].map(([, language, name = '', text = '']) => ({
  language,
  name,
  text,
}));

async function writeFiles(folder: string): Promise<void> {
  for (const { language, name, text } of files) {
    if (language === 'text') continue;
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

test('the program of the guide sends the page that the guide shows', async (t) => {
  const { port } = await startProgram(t, programs[0] ?? '', writeFiles);
  const response = await fetch(`http://localhost:${port}/`);
  const html = await response.text();
  const nonce = /nonce="([^"]+)"/.exec(html)?.[1] ?? '';
  assert.ok(response.headers.get('content-security-policy')?.includes(`'nonce-${nonce}'`));
  const shown = html
    .replaceAll(nonce, '…')
    .replace(/\?v=\w+/, '?v=…')
    .replace(/\n{2,}/g, '\n');
  assert.equal(shown, files.find(({ language }) => language === 'text')?.text);
  const css = /href="(\/static[^"]+)"/.exec(html)?.[1] ?? '';
  assert.match(await (await fetch(`http://localhost:${port}${css}`)).text(), /^article/);
});

test('a browser runs the scripts and uses the styles of the modules, also with a Content-Security-Policy', async (t) => {
  const { port } = await startProgram(t, programs[0] ?? '', writeFiles);
  const browser = await launchChromium();
  t.after(() => browser.close());
  const view = await browser.newPage();
  const messages: string[] = [];
  view.on('console', (message) => messages.push(message.text()));
  await view.goto(`http://localhost:${port}/`);
  // A refused script would be a message of the browser.
  assert.deepEqual(messages, ['2 entries']);
  assert.equal(await view.locator('footer').evaluate((foot) => getComputedStyle(foot).color), 'rgb(128, 128, 128)');
  assert.equal(
    await view
      .locator('article')
      .first()
      .evaluate((entry) => getComputedStyle(entry).margin),
    '16px',
  );
});

test('a browser loads the linked scripts of modules under a policy with strict-dynamic', async (t) => {
  const [first = '', second = ''] = programs;
  assert.ok(second.includes('type="module"'));
  const strict = first
    .replace("'entry.css';", "'entry.css';\n  }\n  override javascriptFiles() {\n    return 'entry.js';")
    .replace('securityHeaders()', `securityHeaders({ contentSecurityPolicy: { 'script-src': ["'strict-dynamic'"] } })`);
  assert.ok(strict.includes('strict-dynamic') && strict.includes('entry.js'));
  const { port } = await startProgram(t, strict, async (folder) => {
    await writeFiles(folder);
    await writeFile(join(folder, 'static/entry.js'), "console.log('linked');");
  });
  const browser = await launchChromium();
  t.after(() => browser.close());
  const view = await browser.newPage();
  const messages: string[] = [];
  view.on('console', (message) => messages.push(message.text()));
  await view.goto(`http://localhost:${port}/`);
  assert.deepEqual(messages, ['linked', '2 entries']);
});
