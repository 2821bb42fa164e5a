import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { en } from './en.ts';
import { isLanguage, pickLanguage, type Phrase } from './index.ts';
import { adminEn } from './admin/en.ts';
import { adminZhCn } from './admin/zh-cn.ts';
import { actionsEn } from './actions/en.ts';
import { actionsZhCn } from './actions/zh-cn.ts';
import { pagesEn } from './pages/en.ts';
import { pageTranslator } from './pages/index.ts';
import { pagesZhCn } from './pages/zh-cn.ts';
import { roomsEn } from './rooms/en.ts';
import { roomsZhCn } from './rooms/zh-cn.ts';
import { isPhraseKey, translator } from './translator.ts';
import { zhCn } from './zh-cn.ts';

const allEn: Readonly<Record<string, Phrase>> = { ...en, ...pagesEn, ...adminEn, ...actionsEn, ...roomsEn };
const allZhCn: Readonly<Record<string, Phrase>> = { ...zhCn, ...pagesZhCn, ...adminZhCn, ...actionsZhCn, ...roomsZhCn };
const keys = Object.keys(allEn);
const forms = (phrase: Phrase = ''): string[] => (typeof phrase === 'string' ? [phrase] : Object.values(phrase));
const textsOf = (key: string): string[] => [...forms(allEn[key]), ...forms(allZhCn[key])];
const slots = (text: string): string[] => [...new Set([...text.matchAll(/\{\w+\}/g)].map(([slot]) => slot))].sort();

test('both languages have the same keys and no empty text', () => {
  assert.deepEqual(Object.keys(allZhCn).sort(), [...keys].sort());
  for (const key of keys) for (const text of textsOf(key)) assert.notEqual(text.trim(), '');
});

test('the actions have no key of the page', () => {
  for (const key of Object.keys(actionsEn)) assert.equal(isPhraseKey(key), false, key);
});

test('a page of the server has no key of the page with the rooms', () => {
  for (const key of Object.keys({ ...pagesEn, ...adminEn })) assert.equal(isPhraseKey(key), false, key);
});

test('the page with the rooms uses every text that it loads', async () => {
  const cwd = fileURLToPath(new URL('../browser/', import.meta.url));
  let code = '';
  for await (const path of glob('**/*.{ts,tsx}', { cwd, exclude: ['**/*.test.ts'] })) {
    code += await readFile(`${cwd}${path}`, 'utf8');
  }
  for (const key of Object.keys(en)) assert.ok(code.includes(`'${key}'`), key);
});

test('the dialogs of the rooms have no key of the page', () => {
  for (const key of Object.keys(roomsEn)) assert.equal(isPhraseKey(key), false, key);
});

test('a text has the same placeholders in every form and language', () => {
  for (const key of keys) {
    const [first = '', ...others] = textsOf(key);
    for (const text of others) assert.deepEqual(slots(text), slots(first), key);
  }
});

test('a text with a count has the plural forms of its language', () => {
  for (const key of keys) {
    const phrase = allEn[key];
    if (typeof phrase === 'object') assert.deepEqual(Object.keys(phrase).sort(), ['one', 'other'], key);
    assert.equal(typeof allZhCn[key], typeof phrase, key);
  }
});

test('inserts values, and formats numbers for the language', () => {
  const t = translator('en');
  assert.equal(t('joinRoom', { room: 'Ships & <b>' }), 'Join Ships & <b>');
  assert.equal(t('peopleCount', { count: 1 }), '1 person');
  assert.equal(t('peopleCount', { count: 150 }), '150 people');
  assert.equal(t('peopleCount', { count: 12_345 }), '12,345 people');
  assert.equal(translator('zh-CN')('peopleCount', { count: 150 }), '150 人');
  assert.equal(t('joinRoom'), 'Join {room}');
});

test('selects the plural form by the count, in each language', () => {
  const t = pageTranslator('en');
  assert.equal(t('tooManyAttempts', { seconds: 1 }), 'Too many attempts. Please wait 1 second.');
  assert.equal(t('tooManyAttemptsMinutes', { minutes: 1 }), 'Too many attempts. Please try again in about 1 minute.');
  assert.equal(
    t('tooManyAttemptsMinutes', { minutes: 12 }),
    'Too many attempts. Please try again in about 12 minutes.',
  );
  assert.equal(
    pageTranslator('zh-CN')('tooManyAttemptsMinutes', { minutes: 12 }),
    '尝试次数太多，请在大约 12 分钟后再试。',
  );
});

test('inserts a value unchanged, also one that contains a placeholder', () => {
  assert.equal(translator('en')('announceMessage', { name: '{text}', text: '$& {name}' }), '{text}: $& {name}');
});

for (const [cookie, header, language] of [
  ['zh-CN', 'en', 'zh-CN'],
  ['en', 'zh-CN,zh;q=0.9', 'en'],
  ['fr', 'zh-CN,zh;q=0.9,en;q=0.8', 'zh-CN'],
  [undefined, 'en-GB,zh;q=0.9', 'en'],
  [undefined, 'en;q=0.5, zh-TW;q=0.8', 'zh-CN'],
  [undefined, 'fr,de;q=0.7,ZH-hans;q=0.1', 'zh-CN'],
  [undefined, 'zh;q=0,en;q=0.1', 'en'],
  [undefined, 'fr, *;q=0.1', 'en'],
  [undefined, ';;q=x,,', 'en'],
  // RFC 9110 §12.4.2: a weight is from 0 to 1 with at most three decimal places.
  [undefined, 'en;q=0.5,zh;q=1e3', 'en'],
  [undefined, 'en;q=0.5,zh;q=2', 'en'],
  [undefined, 'en;q=0.5,zh;q=1.001', 'en'],
  [undefined, 'en;q=0.5,zh;q=0.9999', 'en'],
  [undefined, 'en;q=0.5,zh;q=.9', 'en'],
  [undefined, 'en;q=0.5,zh;q=0x1', 'en'],
  [undefined, 'en;q=0.5,zh;q=', 'en'],
  [undefined, 'en;q=0.5,zh;q= 1', 'en'],
  [undefined, 'en;q=0.5,zh;q=1;x=2', 'en'],
  [undefined, 'en;q=0.5,zh;level=1', 'en'],
  [undefined, 'en;q=0.5,\u00a0zh', 'en'],
  [undefined, 'en;q=0.5,zh-', 'en'],
  [undefined, 'en;q=0.5\t,\tZH-Hans-CN ; Q=0.501', 'zh-CN'],
  [undefined, 'en;q=0.,zh;q=0.001', 'zh-CN'],
  [undefined, 'en;q=0.999, zh;q=1.', 'zh-CN'],
  [undefined, 'en;q=0.999,zh;q=1.000', 'zh-CN'],
  // A long header is cut, and the weight of the range at the cut is unknown.
  [undefined, `${'fr,'.repeat(330)}zh;q=0.2,en;q=0.1`, 'zh-CN'],
  [undefined, `${'fr,'.repeat(329)}zh;q=0.2,en;q=0.9`, 'zh-CN'],
  [undefined, undefined, 'en'],
] as const) {
  test(`cookie ${cookie} and Accept-Language ${header} give ${language}`, () => {
    assert.equal(pickLanguage(cookie, header), language);
  });
}

test('isLanguage accepts only the available languages', () => {
  assert.ok(isLanguage('zh-CN') && isLanguage('en'));
  assert.ok(!isLanguage('zh') && !isLanguage('toString') && !isLanguage(undefined));
});

test('a value from right to left does not change the order of the words around it', () => {
  const t = translator('en');
  assert.equal(t('joinRoom', { room: 'غرفة (1)' }), 'Join \u2068غرفة (1)\u2069');
  assert.equal(t('announceMessage', { name: 'עדה', text: '你好' }), '\u2068עדה\u2069: 你好');
  assert.equal(t('joinRoom', { room: 'Tea 茶 (1)' }), 'Join Tea 茶 (1)');
});
