import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  array,
  assert as forAll,
  boolean,
  constantFrom,
  dictionary,
  integer,
  option,
  property,
  record,
  string,
  uint8Array,
} from 'fast-check';
import { mo, po, type GetTextTranslations } from 'gettext-parser';
import type { Catalog } from './catalog.ts';
import { parseMo, parsePo } from './gettext-file.ts';
import { readPoEntries, type PoEntry } from './po-entries.ts';

const limit = { maxEntries: 1_000, rest: 1_000 };
const header =
  'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=3; plural=n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2;\\n"\n\n';
const readPo = (text: string | Buffer, tag = 'ru'): Catalog =>
  parsePo(Buffer.from(text as string), 'ru.po', tag, limit);

const example = `${header}# A comment
#: page.html:3
#, python-format
msgid "Hello"
msgstr "Привет"

msgctxt "menu"
msgid "Open"
msgstr "Открыть"

msgid "Open"
msgstr "Открыто"

msgid "{count} message"
msgid_plural "{count} messages"
msgstr[0] "{count} сообщение"
msgstr[1] "{count} "
"сообщения"
msgstr[2] "{count} сообщений"

#, fuzzy
msgid "Maybe"
msgstr "Может быть"

msgid "Not yet"
msgstr ""

#~ msgid "Old"
#~ msgstr "Старое"
`;

function checkExample(catalog: Catalog): void {
  assert.equal(catalog.find({ text: 'Hello' }), 'Привет');
  assert.equal(catalog.find({ text: 'Open' }), 'Открыто');
  assert.equal(catalog.find({ text: 'Open', context: 'menu' }), 'Открыть');
  assert.equal(catalog.find({ text: 'Open', context: 'door' }), undefined);
  const find = (count: number): string | undefined =>
    catalog.find({ text: '{count} message', plural: '{count} messages', count });
  assert.deepEqual([1, 3, 5, 21].map(find), [
    '{count} сообщение',
    '{count} сообщения',
    '{count} сообщений',
    '{count} сообщение',
  ]);
  assert.equal(catalog.find({ text: 'Not yet' }), undefined);
  assert.equal(catalog.find({ text: 'Old' }), undefined);
}

test('reads texts, contexts and plurals of a .po file, without fuzzy, empty and obsolete ones', () => {
  const catalog = readPo(example);
  checkExample(catalog);
  assert.equal(catalog.find({ text: 'Maybe' }), undefined);
  assert.equal(catalog.size, 4);
  assert.equal(readPo(example.replaceAll('\n', '\r\n')).size, 4);
  assert.equal(readPo(`\uFEFF${example}`).size, 4);
});

test('reads a .mo file of either byte order', () => {
  const bytes = mo.compile(po.parse(example));
  checkExample(parseMo(bytes, 'ru.mo', 'ru', limit));
  checkExample(parseMo(bigEndian(bytes), 'ru.mo', 'ru', limit));
});

/** The same file as a computer with the other byte order writes it. */
function bigEndian(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const count = bytes.readUInt32LE(8);
  const swap = (at: number): unknown => copy.writeUInt32BE(bytes.readUInt32LE(at), at);
  for (let at = 0; at < 28; at += 4) swap(at);
  for (const table of [bytes.readUInt32LE(12), bytes.readUInt32LE(16)]) {
    for (let at = table; at < table + count * 8; at += 4) swap(at);
  }
  return copy;
}

test('reads the encoding that the header declares', () => {
  const latin = Buffer.from(`${header.replace('UTF-8', 'ISO-8859-1')}msgid "a"\nmsgstr "é"\n`, 'latin1');
  assert.equal(parsePo(latin, 'fr.po', 'fr', limit).find({ text: 'a' }), 'é');
  const gbk = Buffer.concat([
    Buffer.from(`${header.replace('UTF-8', 'GBK')}msgid "a"\nmsgstr "`),
    Buffer.from([0xc4, 0xe3]),
    Buffer.from('"\n'),
  ]);
  assert.equal(parsePo(gbk, 'zh.po', 'zh', limit).find({ text: 'a' }), '你');
});

test('names file, line and reason of an error in a .po file', () => {
  const lines = header.split('\n').length - 1;
  const entry = 'msgid "a"\nmsgstr "b"\n\n';
  for (const [text, line, reason] of [
    ['msgid "a"\nmsgstr "b\n', 2, 'the text has no closing quote'],
    ['msgid "a"\nmsgstr "say "b""\n', 2, 'something follows the closing quote. Write a quote inside as \\"'],
    ['msgid "a"\nmsgstr "\\x41"\n', 2, 'unknown escape "\\\\x"; known are \\n, \\r, \\t, \\" and \\\\'],
    ['msgid "a"\nmsgstr b\n', 2, 'a text in double quotes must follow; got "b"'],
    ['msgid "a"\nmsgstr\n', 2, 'a text in double quotes must follow; got ""'],
    [
      'mesgid "a"\n',
      1,
      'a line must begin with msgctxt, msgid, msgid_plural, msgstr, # or a quote; got "mesgid \\"a\\""',
    ],
    ['"a"\n', 1, 'a quoted text belongs to a msgid or msgstr before it'],
    ['msgstr "a"\n', 1, 'msgstr must follow msgid'],
    ['msgid "a"\n\nmsgid "b"\nmsgstr "c"\n', 3, 'the entry has no msgstr'],
    ['msgid "a"\nmsgstr "b"\nmsgstr "c"\n', 3, 'msgstr must follow msgid'],
    ['msgctxt "a"\nmsgstr "b"\n', 2, 'msgstr must follow msgid'],
    ['msgid "a"\nmsgid_plural "b"\nmsgstr "c"\n', 3, 'a text with a plural needs msgstr[0], msgstr[1] …'],
    ['msgid "a"\nmsgid_plural "b"\nmsgstr[1] "c"\n', 3, 'msgstr[0] must be next; got msgstr[1]'],
    ['msgid "a"\nmsgstr[0] "c"\n', 2, 'msgstr[…] must follow msgid_plural'],
    [
      'msgid "a"\nmsgid_plural "b"\nmsgstr[0] "c"\nmsgstr[1] "d"\n',
      1,
      'the entry has 2 forms (msgstr[0] …), but the language has 3',
    ],
    [`${entry}msgid "b"\nmsgstr "c"\n\n${entry}`, 7, `the entry is also on line ${lines + 1}; remove one of them`],
    [
      '#~ mesgid "a"\n',
      1,
      'a line must begin with msgctxt, msgid, msgid_plural, msgstr, # or a quote; got "mesgid \\"a\\""',
    ],
    ['#~ msgid msgid "a"\n', 1, 'a text in double quotes must follow; got "msgid \\"a\\""'],
    ['#~ msgid "a"\n', 1, 'the entry has no msgstr'],
    ['msgid "a"\nmsgstr "b"\n#~ msgstr "c"\n', 3, 'msgstr must follow msgid'],
    ['msgid "a"\n#~ msgstr "b"\n', 1, 'the entry has no msgstr'],
    ['#~ msgctxt "a"\nmsgid "b"\nmsgstr "c"\n', 1, 'the entry has no msgid'],
    [
      '#~\nmsgid "a"\nmsgstr "b"\n',
      1,
      'a line must begin with msgctxt, msgid, msgid_plural, msgstr, # or a quote; got ""',
    ],
  ] as const) {
    assert.throws(
      () => readPo(header + text),
      { code: 'LOCALE_FILE', message: `ru.po:${lines + line}: ${reason}.` },
      text,
    );
  }
  assert.throws(() => readPo('msgid "a"'), { message: 'ru.po:1: the entry has no msgstr.' });
  assert.throws(() => readPo(`${header}msgid "a"\nmsgstr "b"\n`.replace('plural=n', 'plural=m')), {
    message: /^ru\.po:4: Plural-Forms is malformed: unexpected `m` at character 1 of `m%10==1/,
  });
  const invalid = Buffer.concat([Buffer.from(`${header}msgid "a"\nmsgstr "`), Buffer.from([0xe9]), Buffer.from('"\n')]);
  assert.throws(() => readPo(invalid), { message: `ru.po:${lines + 2}: the text is not utf-8.` });
  assert.throws(() => readPo(header.replace('UTF-8', 'EBCDIC')), {
    message: 'ru.po:3: the encoding "EBCDIC" is unknown; use utf-8.',
  });
  const many = Array.from({ length: 1_001 }, (_, index) => `msgid "${index}"\nmsgstr "x"\n\n`).join('');
  assert.throws(() => readPo(header + many), /ru\.po:\d+: the files have more than maxEntries \(1000\) texts\.$/);
});

test('reads the encoding of a header that begins on the line of its msgstr', () => {
  const text = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=ISO-8859-1\\n"\n\nmsgid "a"\nmsgstr "\u00e9"\n';
  assert.equal(readPo(Buffer.from(text, 'latin1')).find({ text: 'a' }), '\u00e9');
});

test('reads as many texts as the limit, without the header, and the template of an encoding', () => {
  const texts = Array.from({ length: 1_000 }, (_, index) => `msgid "${index}"\nmsgstr "x"\n\n`).join('');
  assert.equal(readPo(header.replace('UTF-8', 'CHARSET') + texts).size, 1_000);
});

test('__proto__ is a text like any other', () => {
  const catalog = readPo(
    `${header}msgctxt "__proto__"\nmsgid "__proto__"\nmsgstr "a"\n\nmsgid "__proto__"\nmsgstr "b"\n`,
  );
  assert.equal(catalog.find({ text: '__proto__', context: '__proto__' }), 'a');
  assert.equal(catalog.find({ text: '__proto__' }), 'b');
});

test('without Plural-Forms, or with that of a template, the categories of the language are the forms', () => {
  const entry = 'msgid "a"\nmsgid_plural "b"\nmsgstr[0] "one"\nmsgstr[1] "few"\nmsgstr[2] "many"\n';
  for (const text of [entry, `${header.replace(/nplurals.*;/, 'nplurals=INTEGER; plural=EXPRESSION;')}${entry}`]) {
    const catalog = readPo(text, 'ru');
    assert.deepEqual(
      [1, 2, 5].map((count) => catalog.find({ text: 'a', plural: 'b', count })),
      ['one', 'few', 'many'],
    );
  }
});

/** Texts with everything that must be escaped, and names that are special for objects. */
const anyText = string({
  unit: constantFrom('a', 'é', '字', '"', '\\', '\n', '\t', ' ', "'", '#', '{', '😀', 'n'),
  minLength: 1,
});
/** The library that writes `.mo` loses `__proto__`. */
const name = constantFrom('constructor', 'toString');
const anyEntry = record({ plural: option(anyText), forms: array(anyText, { minLength: 3, maxLength: 3 }) });

/** What a translator's tool would write. */
function tableOf(
  contexts: Readonly<Record<string, Readonly<Record<string, { plural: string | null; forms: string[] }>>>>,
): GetTextTranslations {
  const translations = Object.create(null) as GetTextTranslations['translations'];
  for (const [context, entries] of Object.entries(contexts)) {
    const texts = Object.create(null) as (typeof translations)[string];
    for (const [text, { plural, forms }] of Object.entries(entries)) {
      texts[text] = {
        ...(context === '' ? {} : { msgctxt: context }),
        msgid: text,
        ...(plural === null ? {} : { msgid_plural: plural }),
        msgstr: plural === null ? forms.slice(0, 1) : forms,
      };
    }
    translations[context] = texts;
  }
  const { headers } = po.parse(header);
  return { charset: 'utf-8', headers, translations };
}

test('reads back what was written as .po and as .mo', () => {
  const texts = dictionary(anyText, anyEntry, { maxKeys: 5 });
  const contexts = record({ '': texts, menu: texts, special: dictionary(name, anyEntry) });
  forAll(
    property(contexts, (written) => {
      const table = tableOf(written);
      const catalogs = [
        parsePo(po.compile(table), 'ru.po', 'ru', limit),
        parseMo(mo.compile(table), 'ru.mo', 'ru', limit),
      ];
      for (const catalog of catalogs) {
        for (const [context, entries] of Object.entries(written)) {
          for (const [text, { plural, forms }] of Object.entries(entries)) {
            const message = { text, context: context === '' ? undefined : context };
            assert.equal(catalog.find(message), forms[0]);
            if (plural === null) continue;
            const found = [1, 2, 5].map((count) => catalog.find({ ...message, plural, count }));
            assert.deepEqual(found, forms);
          }
        }
      }
    }),
  );
});

/** A text as a translator may write it: in several quoted parts, with escapes, comments and blank lines between them. */
const quotedParts = array(
  string({
    unit: constantFrom('a', '字', '\\n', '\\t', '\\r', '\\"', '\\\\', ' ', "'", '#', '\r', '\u2028', '%'),
    maxLength: 6,
  }),
  { minLength: 1, maxLength: 3 },
).map((parts) => parts.map((part) => `"${part}"`).join('\n'));
const space = constantFrom('', ' ', '\t');
const line = (keyword: string, spaces: string, text: string): string => `${keyword}${spaces}${text}${spaces}\n`;
const writtenEntry = record({
  comments: array(
    constantFrom('# a', '#. b', '#: c:1', '#, fuzzy', '#, c-format, fuzzy', '#| msgid "b"', '', '#,no-fuzz'),
  ),
  context: option(quotedParts),
  text: quotedParts,
  plural: option(quotedParts),
  forms: array(quotedParts, { minLength: 3, maxLength: 3 }),
  spaces: space,
  pause: constantFrom('', '\n', '# in between\n'),
  isObsolete: boolean(),
}).map(({ comments, context, text, plural, forms, spaces, pause, isObsolete }) => {
  const lines = [
    context === null ? '' : line('msgctxt', spaces, context),
    line('msgid', spaces, text),
    plural === null ? pause + line('msgstr', spaces, forms[0] ?? '') : line('msgid_plural', spaces, plural) + pause,
    ...(plural === null ? [] : forms.map((form, index) => line(`msgstr[${index}]`, spaces, form))),
  ].join('');
  const entry = isObsolete ? lines.replaceAll(/^(?!#|$)/gm, '#~ ') : lines;
  return `${comments.map((comment) => `${comment}\n`).join('')}${entry}`;
});

const byKey = (rows: readonly (readonly [context: string, text: string, ...unknown[]])[]): unknown[] =>
  rows.toSorted(([left, a], [right, b]) => (`${left}\0${a}` < `${right}\0${b}` ? -1 : 1));

test('reads the same as gettext-parser from every file that it accepts', () => {
  let readCount = 0;
  forAll(
    property(array(writtenEntry, { maxLength: 6 }), constantFrom('\n', '\r\n'), (entries, end) => {
      const text = `${header}${entries.join('\n')}`.replaceAll('\n', end);
      let read: readonly PoEntry[];
      try {
        read = readPoEntries(text, 'ru.po', limit);
      } catch (error) {
        assert.match(String(error), /the entry is also on line/);
        return;
      }
      readCount++;
      const expected = Object.values(po.parse(text).translations).flatMap((texts) => Object.values(texts));
      assert.deepEqual(
        byKey(read.map((entry) => [entry.context ?? '', entry.text, entry.forms, entry.hasPlural, entry.isFuzzy])),
        byKey(
          expected.map(({ msgctxt = '', msgid, msgid_plural, msgstr, comments }) => [
            msgctxt,
            msgid,
            msgstr,
            msgid_plural !== undefined,
            /\bfuzzy\b/.test(comments?.flag ?? ''),
          ]),
        ),
      );
    }),
    { numRuns: 1_000 },
  );
  assert.ok(readCount > 500, `${readCount}`);
});

test('any bytes are read or refused as an error of the file', () => {
  const bytes = mo.compile(po.parse(example));
  const refusal = /^GaleError: ru\.(?:mo|po)[: ]/;
  const reads = (file: Buffer): void => {
    try {
      parseMo(file, 'ru.mo', 'ru', limit);
    } catch (error) {
      assert.match(String(error), refusal);
    }
  };
  forAll(
    property(
      integer({ min: 0, max: bytes.length - 1 }),
      integer({ min: 0, max: 255 }),
      integer({ min: 0, max: bytes.length }),
      (at, value, length) => {
        const changed = Buffer.from(bytes);
        changed[at] = value;
        reads(changed);
        reads(bytes.subarray(0, length));
      },
    ),
    { numRuns: 1_000 },
  );
  const text = string({
    unit: constantFrom(
      'msgid ',
      'msgstr ',
      'msgctxt ',
      'msgid_plural ',
      'msgstr[0] ',
      '"a"',
      '"',
      '\\',
      '\n',
      '#',
      '#~ ',
      '#~| ',
      '#, fuzzy',
      ' ',
    ),
  });
  forAll(
    property(text, uint8Array({ maxLength: 2 }), (source, end) => {
      try {
        readPo(Buffer.concat([Buffer.from(source), end]));
      } catch (error) {
        assert.match(String(error), refusal);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('refuses a .mo file whose tables lie, before it is read', () => {
  const bytes = mo.compile(po.parse(example));
  const change = (at: number, value: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy.writeUInt32LE(value, at);
    return copy;
  };
  const table = bytes.readUInt32LE(12);
  for (const [file, message] of [
    [Buffer.alloc(0), 'ru.mo: a .mo file has at least 20 bytes; got 0.'],
    [Buffer.from('msgid ""\nmsgstr ""\n\n\n'), 'ru.mo: it does not begin like a .mo file.'],
    [change(4, 0x2_0000), 'ru.mo: byte 4: revision 2 is unknown; known are 0 and 1.'],
    [change(8, 0xffff_ffff), 'ru.mo: byte 8: the files have more than maxEntries (1000) texts.'],
    [change(12, bytes.length - 8), `ru.mo: byte 12: the table for ${bytes.readUInt32LE(8)} texts ends after the file.`],
    [change(table, 0xffff), `ru.mo: byte ${table}: text 0 ends after the file.`],
  ] as const) {
    assert.throws(() => parseMo(file, 'ru.mo', 'ru', limit), { code: 'LOCALE_FILE', message });
  }
  // Each of 900 texts is the whole file.
  const count = 900;
  const bomb = Buffer.alloc(20 + count * 16);
  for (const [at, value] of [0x95_04_12_de, 0, count, 20, 20].entries()) bomb.writeUInt32LE(value, at * 4);
  for (let at = 20; at < bomb.length; at += 8) bomb.writeUInt32LE(bomb.length, at);
  assert.throws(() => parseMo(bomb, 'ru.mo', 'ru', limit), /the texts together are longer than the file/);
  const notUtf8 = Buffer.from(bytes);
  notUtf8[bytes.length - 3] = 0xff;
  assert.throws(() => parseMo(notUtf8, 'ru.mo', 'ru', limit), /ru\.mo: byte \d+: the text is not UTF-8\.$/);
});
