import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as forAll, constantFrom, option, property, record } from 'fast-check';
import { parsePo } from '../web/locale/gettext-file.ts';
import { readPluralRule, unicodePluralRule } from '../web/locale/plural-rule.ts';
import type { FoundMessage } from './message-calls.ts';
import { mergePo, pluralFormsOf } from './po-merge.ts';

const found = (text: string, { context, plural, place = 'a.ts:1' }: Partial<FoundMessage> = {}): FoundMessage => ({
  text,
  context,
  plural,
  place,
});

const given = `# Translated by Ada
msgid ""
msgstr ""
"Project-Id-Version: shop 1\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=n > 1;\\n"

# A note
#: old.ts:1
msgid "Hello"
msgstr "Bonjour"

#: old.ts:2
msgctxt "menu"
msgid "Open"
msgstr "Ouvrir"

#: old.ts:3
msgid "Gone"
msgstr "Parti"

#: old.ts:4
msgid "Gone too"
msgstr ""

msgid "a file"
msgstr "un fichier"

#~ msgid "Back again"
#~ msgstr "De retour"

#~ msgid "Long gone"
#~ msgstr "Disparu"
`;

test('keeps translations and notes, adds new texts, and marks unused ones as obsolete', () => {
  const merged = mergePo(given, 'fr.po', 'fr', [
    found('New', { place: 'b.ts:9' }),
    found('Hello', { place: 'a.ts:1' }),
    found('Hello', { place: 'b.html:2' }),
    found('Open', { context: 'menu' }),
    found('Back again'),
    found('a file', { plural: 'files' }),
  ]);
  assert.equal(
    merged.text,
    `# Translated by Ada
msgid ""
msgstr ""
"MIME-Version: 1.0\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Language: fr\\n"
"Plural-Forms: nplurals=2; plural=n > 1;\\n"
"Project-Id-Version: shop 1\\n"
"Content-Type: text/plain; charset=utf-8\\n"

#: b.ts:9
msgid "New"
msgstr ""

# A note
#: a.ts:1
#: b.html:2
msgid "Hello"
msgstr "Bonjour"

#: a.ts:1
msgid "Back again"
msgstr "De retour"

#: a.ts:1
#, fuzzy
msgid "a file"
msgid_plural "files"
msgstr[0] "un fichier"
msgstr[1] ""

#: a.ts:1
msgctxt "menu"
msgid "Open"
msgstr "Ouvrir"

#~ msgid "Long gone"
#~ msgstr "Disparu"

#~ msgid "Gone"
#~ msgstr "Parti"
`,
  );
  const { text: _, ...counts } = merged;
  assert.deepEqual(counts, { count: 5, newCount: 1, obsoleteCount: 1, untranslatedCount: 2 });
});

test('a new file has the forms of its language', () => {
  const messages = [found('{count} day', { plural: '{count} days' })];
  for (const [tag, forms] of [
    ['zh-CN', 1],
    ['de', 2],
    ['ru', 3],
    ['ar', 6],
  ] as const) {
    const { text } = mergePo(undefined, 'new.po', tag, messages);
    assert.equal(text.match(/^msgstr\[/gm)?.length, forms, tag);
    assert.equal(parsePo(Buffer.from(text), 'new.po', tag, { maxEntries: 10, rest: 10 }).size, 0);
  }
  assert.doesNotMatch(mergePo(undefined, 'messages.pot', undefined, messages).text, /Language/);
});

test('the headers that it writes are the rules of Unicode', () => {
  for (const tag of [
    'id',
    'ja',
    'ko',
    'ms',
    'th',
    'vi',
    'zh-CN',
    'bg',
    'da',
    'de',
    'el',
    'en',
    'et',
    'fi',
    'hu',
    'nb',
    'nl',
    'sv',
    'tr',
    'ru',
    'uk',
    'pl',
    'cs',
    'sk',
  ]) {
    const written = readPluralRule(tag, pluralFormsOf(tag));
    const unicode = unicodePluralRule(tag);
    for (let count = 0; count < 1_000; count++)
      assert.equal(written.indexFor(count), unicode.indexFor(count), `${tag} ${count}`);
  }
  assert.match(pluralFormsOf('fr'), /INTEGER/);
});

test('an error of the file stops the merge, so that no translation is lost', () => {
  assert.throws(() => mergePo(`${given}\nmsgid "x\n`, 'fr.po', 'fr', []), {
    code: 'LOCALE_FILE',
    message: /^fr\.po:35: the text has no closing quote\.$/,
  });
});

test('merging twice changes nothing, and no translation is lost', () => {
  const message = record({
    text: constantFrom('a', 'b', '__proto__', '1', 'long text '.repeat(20), 'line\nline'),
    context: option(constantFrom('c', '__proto__'), { nil: undefined }),
    plural: option(constantFrom('as'), { nil: undefined }),
    place: constantFrom('a.ts:1', 'b.ts:2'),
  });
  forAll(
    property(array(message), array(message), (before, after) => {
      const first = mergePo(given, 'fr.po', 'fr', before).text;
      const second = mergePo(first, 'fr.po', 'fr', after).text;
      assert.equal(mergePo(second, 'fr.po', 'fr', after).text, second);
      for (const translation of ['Bonjour', 'Ouvrir', 'Parti', 'De retour', 'Disparu', 'un fichier']) {
        assert.ok(second.includes(translation), translation);
      }
    }),
  );
});
