/** Merges the texts of a project into a `.po` file: keeps translations, adds new texts, and marks those that are no longer used as obsolete. */
import { po, type GetTextTranslation, type GetTextTranslations } from 'gettext-parser';
import { readPluralRule, unicodePluralRule } from '../web/locale/plural-rule.ts';
import { readPoEntries } from '../web/locale/po-entries.ts';
import type { FoundMessage } from './message-calls.ts';

/** What a merge has done. */
export interface MergedPo {
  /** The file. */
  readonly text: string;
  readonly count: number;
  readonly newCount: number;
  readonly obsoleteCount: number;
  readonly untranslatedCount: number;
}

/** Entries that a file may have. */
const maxEntries = 200_000;

/** Headers of languages that share a rule. Others begin with what xgettext writes, until their translator sets it. */
const pluralForms: readonly (readonly [header: string, languages: readonly string[]])[] = [
  ['nplurals=1; plural=0;', ['id', 'ja', 'ko', 'ms', 'th', 'vi', 'zh']],
  ['nplurals=2; plural=(n != 1);', ['bg', 'da', 'de', 'el', 'en', 'et', 'fi', 'hu', 'nb', 'nl', 'sv', 'tr']],
  [
    'nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);',
    ['ru', 'uk'],
  ],
  ['nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);', ['pl']],
  ['nplurals=3; plural=(n==1 ? 0 : n>=2 && n<=4 ? 1 : 2);', ['cs', 'sk']],
];

/** The header of a new file of a language. */
export function pluralFormsOf(tag: string): string {
  const [language = ''] = tag.split('-', 1);
  const known = pluralForms.find(([, languages]) => languages.includes(language));
  return known?.[0] ?? 'nplurals=INTEGER; plural=EXPRESSION;';
}

/**
 * Merges texts into a file.
 *
 * @param given - Text of the file; `undefined` if there is none.
 * @param tag - The language of the file; `undefined` for a template, which has none.
 * @throws {@link GaleError} `LOCALE_FILE` if the file has an error, with its line.
 */
export function mergePo(
  given: string | undefined,
  file: string,
  tag: string | undefined,
  messages: readonly FoundMessage[],
): MergedPo {
  if (given !== undefined) readPoEntries(given, file, { maxEntries, rest: maxEntries });
  const old = given === undefined ? undefined : po.parse(given);
  const headers = headersOf(old, tag);
  const formCount = formCountOf(headers['Plural-Forms'] ?? '', tag ?? 'en');
  const known = entriesOf(old?.translations);
  const retired = entriesOf(old?.obsolete);
  const translations = emptyTable();
  const byKey = Map.groupBy(messages, ({ context, text }) => keyOf(context, text));
  let newCount = 0;
  let untranslatedCount = 0;
  for (const [key, same] of byKey) {
    const before = known.get(key) ?? retired.get(key);
    if (before === undefined) newCount++;
    const entry = toEntry(same, before, formCount);
    if (entry.msgstr.some((text) => text === '') || isFuzzy(entry)) untranslatedCount++;
    addEntry(translations, entry);
  }
  const obsolete = emptyTable();
  let obsoleteCount = 0;
  for (const [key, entry] of [...retired, ...known]) {
    // A text that nobody has translated is not worth keeping.
    if (byKey.has(key) || entry.msgid === '' || entry.msgstr.every((text) => text === '')) continue;
    if (known.has(key)) obsoleteCount++;
    const { reference: _, ...comments } = entry.comments ?? {};
    addEntry(obsolete, { ...entry, comments });
  }
  const header = old?.translations['']?.['']?.comments;
  if (header !== undefined) addEntry(translations, { msgid: '', msgstr: [''], comments: header });
  const text = po.compile({ charset: 'utf-8', headers, translations, obsolete }).toString('utf8');
  return { text, count: byKey.size, newCount, obsoleteCount, untranslatedCount };
}

type Table = GetTextTranslations['translations'];

/** Has no prototype, so `__proto__` is a text like any other. */
function emptyTable(): Table {
  return Object.create(null) as Table;
}

function addEntry(table: Table, entry: GetTextTranslation): void {
  const context = entry.msgctxt ?? '';
  const texts = table[context] ?? (Object.create(null) as Table[string]);
  texts[entry.msgid] = entry;
  table[context] = texts;
}

function entriesOf(table: Table | undefined): Map<string, GetTextTranslation> {
  const entries = Object.values(table ?? {}).flatMap((texts) => Object.values(texts));
  return new Map(entries.map((entry) => [keyOf(entry.msgctxt, entry.msgid), entry]));
}

function keyOf(context: string | undefined, text: string): string {
  return `${context ?? ''}\u0004${text}`;
}

/** @param same - All places of one text. */
function toEntry(
  same: readonly FoundMessage[],
  before: GetTextTranslation | undefined,
  formCount: number,
): GetTextTranslation {
  const [first] = same;
  const plural = same.find((message) => message.plural !== undefined)?.plural;
  const msgstr = Array.from(
    { length: plural === undefined ? 1 : formCount },
    (_, index) => before?.msgstr[index] ?? '',
  );
  const reference = [...new Set(same.map(({ place }) => place))].join('\n');
  const comments = { ...before?.comments, reference };
  // A new plural needs a translator's eye.
  const isChanged = before !== undefined && before.msgid_plural !== plural && msgstr.some((text) => text !== '');
  if (isChanged && !isFuzzy(before)) comments.flag = [before.comments?.flag, 'fuzzy'].filter(Boolean).join(', ');
  return {
    ...(first?.context === undefined || first.context === '' ? {} : { msgctxt: first.context }),
    msgid: first?.text ?? '',
    ...(plural === undefined ? {} : { msgid_plural: plural }),
    msgstr,
    comments,
  };
}

function isFuzzy({ comments }: GetTextTranslation): boolean {
  return /\bfuzzy\b/.test(comments?.flag ?? '');
}

function headersOf(old: GetTextTranslations | undefined, tag: string | undefined): Record<string, string> {
  return {
    'MIME-Version': '1.0',
    'Content-Transfer-Encoding': '8bit',
    ...(tag === undefined ? {} : { Language: tag.replaceAll('-', '_') }),
    'Plural-Forms': pluralFormsOf(tag ?? ''),
    ...old?.headers,
    'Content-Type': 'text/plain; charset=UTF-8',
  };
}

function formCountOf(header: string, tag: string): number {
  try {
    return readPluralRule(tag, header).formCount;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return unicodePluralRule(tag).formCount;
  }
}
