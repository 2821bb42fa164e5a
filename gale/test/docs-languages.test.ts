/** Runs the program of docs/guide/languages.md with the files of the page, and checks its tables. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { loadTranslations } from 'gale/locale';
import { programsOf, startProgram } from './support/document-program.ts';
import { textOf } from './support/repository.ts';

const document = 'docs/guide/languages.md';
const page = await textOf(document);
const programs = await programsOf(document);
const files = [...page.matchAll(/^```\w+ (\S+)\n(.*?)^```/gms)].map(([, name = '', text = '']) => ({ name, text }));

async function writeFiles(folder: string): Promise<void> {
  for (const { name, text } of files) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

test('the program of the guide speaks three languages', async (t) => {
  assert.equal(files.length, 3);
  const { port } = await startProgram(t, programs[0] ?? '', writeFiles);
  const ask = async (path: string, headers: Record<string, string>): Promise<string> =>
    (await fetch(`http://localhost:${port}${path}`, { headers })).text();
  const english = await ask('/', { 'accept-language': 'fr' });
  assert.match(
    english,
    /<html lang="en" dir="ltr">\n<title>Inbox<\/title>\n<p>Hello, Ada!\n<p>You have 2 messages\.\n<p>\d seconds? ago/,
  );
  const german = await ask('/', { 'accept-language': 'de-AT,de;q=0.9' });
  assert.match(german, /<html lang="de".*Posteingang.*Hallo, Ada!.*Du hast 2 Nachrichten\..*vor \d Sekunden?/s);
  const chosen = await fetch(`http://localhost:${port}/language`, {
    method: 'POST',
    body: new URLSearchParams({ language: 'zh-CN' }),
    redirect: 'manual',
  });
  const cookie = chosen.headers.get('set-cookie')?.split(';')[0] ?? '';
  const chinese = await ask('/', { cookie, 'accept-language': 'de' });
  assert.match(chinese, /<html lang="zh-CN".*收件箱.*Ada，你好！.*您有 2 条消息。.*秒/s);
});

test('the table of dates, numbers and lists is right', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'languages-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFiles(folder);
  const now = Date.UTC(2026, 6, 2, 16, 5);
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const translations = await loadTranslations(join(folder, 'locale'));
  const locales = translations.localesFor({}, { log: () => log, now: () => now });
  const day = 86_400_000;
  const agos = [300_000, day, 2 * day, 5 * day, 334 * day];
  const calls: Readonly<Record<string, (code: string) => readonly string[]>> = {
    'formatDate(date)': (code) => agos.map((ago) => locales.get(code).formatDate(now - ago)),
    'formatDate(date, { shorter: true })': (code) =>
      agos.slice(1).map((ago) => locales.get(code).formatDate(now - ago, { shorter: true })),
    "formatDate(date, { intl: { dateStyle: 'long' } })": (code) => [
      locales.get(code).formatDate(now, { intl: { dateStyle: 'long' } }),
    ],
    'formatDay(date)': (code) => [locales.get(code).formatDay(now)],
    'friendlyNumber(1234567)': (code) => [locales.get(code).friendlyNumber(1_234_567)],
    "list(['A', 'B', 'C'])": (code) => [locales.get(code).list(['A', 'B', 'C'])],
  };
  for (const [call, write] of Object.entries(calls)) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${call}\` |`)) ?? '';
    const [, inEnglish = '', inGerman = ''] = row.split(' | ');
    for (const [code, cell] of [
      ['en', inEnglish],
      ['de', inGerman],
    ] as const) {
      const shown = [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);
      assert.ok(shown.length > 0, `${call} in ${code}`);
      assert.deepEqual(shown, write(code).slice(0, shown.length), `${call} in ${code}`);
    }
  }
});
