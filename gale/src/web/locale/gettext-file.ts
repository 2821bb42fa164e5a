/**
 * Translations of gettext: `.po`, which translators edit, and `.mo`, which `msgfmt` writes. gettext-parser reads `.mo`. Entries that
 * are fuzzy, obsolete or empty are not used. No I/O.
 */
import { mo, type GetTextTranslations } from 'gettext-parser';
import type { Catalog, EntryLimit, Message } from './catalog.ts';
import { localeFileError } from './locale-file-error.ts';
import { checkMo } from './mo-check.ts';
import { readPluralRule, unicodePluralRule, type PluralRule } from './plural-rule.ts';
import { readPoEntries, type PoEntry } from './po-entries.ts';
import { decodeText } from './text-decoding.ts';

/**
 * Reads a `.po` file.
 *
 * @param tag - The language, for its plurals if the file has no `Plural-Forms`.
 * @throws {@link GaleError} `LOCALE_FILE` with file, line and reason.
 */
export function parsePo(bytes: Buffer, file: string, tag: string, limit: EntryLimit): Catalog {
  const { charset, line } = charsetOf(bytes);
  const text = decodeText(bytes, file, charset, `${file}:${line}`);
  const entries = readPoEntries(text, file, limit);
  const header = entries.find((entry) => entry.text === '' && entry.context === undefined)?.forms[0];
  const rule = ruleOf(pluralFormsOf(header), tag, () => `${file}:${lineOf(text, 'Plural-Forms')}`);
  checkForms(entries, rule, file);
  return toCatalog(
    entries.filter(({ isFuzzy }) => !isFuzzy),
    rule,
  );
}

/**
 * Reads a `.mo` file.
 *
 * @param tag - The language, for its plurals if the file has no `Plural-Forms`.
 * @throws {@link GaleError} `LOCALE_FILE` with file and reason; a position instead of a line.
 */
export function parseMo(bytes: Buffer, file: string, tag: string, limit: EntryLimit): Catalog {
  checkMo(bytes, file, limit);
  let table: GetTextTranslations;
  try {
    table = mo.parse(bytes, 'utf-8');
  } catch (error) {
    throw localeFileError(file, `it cannot be read: ${reasonOf(error)}`, error);
  }
  const rule = ruleOf(table.headers?.['Plural-Forms'], tag, () => `${file}: Plural-Forms`);
  const entries = Object.values(table.translations).flatMap((texts) => Object.values(texts));
  return toCatalog(
    entries.map(({ msgctxt, msgid, msgstr }) => ({ context: msgctxt, text: msgid, forms: msgstr })),
    rule,
  );
}

/** The texts of one file. */
class GettextCatalog implements Catalog {
  readonly size: number;
  readonly #forms: ReadonlyMap<string, readonly string[]>;
  readonly #rule: PluralRule;

  constructor(forms: ReadonlyMap<string, readonly string[]>, rule: PluralRule) {
    this.size = forms.size;
    this.#forms = forms;
    this.#rule = rule;
  }

  find({ context, text, plural, count = 1 }: Message): string | undefined {
    const forms = this.#forms.get(keyOf(context, text));
    if (forms === undefined) return undefined;
    const form = forms[plural === undefined ? 0 : this.#rule.indexFor(count)];
    return form === '' ? undefined : form;
  }
}

/** The key of `.mo` files. */
function keyOf(context: string | undefined, text: string): string {
  return context === undefined ? text : `${context}\u0004${text}`;
}

function toCatalog(entries: readonly Pick<PoEntry, 'context' | 'text' | 'forms'>[], rule: PluralRule): Catalog {
  const byKey = new Map<string, readonly string[]>();
  for (const { context, text, forms } of entries) {
    if (text === '' || forms.every((form) => form === '')) continue;
    byKey.set(keyOf(context, text), forms);
  }
  return new GettextCatalog(byKey, rule);
}

/** The value of the header `Plural-Forms`; the last one counts. */
function pluralFormsOf(headers = ''): string | undefined {
  return [...headers.matchAll(/^[\t ]*Plural-Forms[\t ]*:(.*)$/gim)].at(-1)?.[1]?.trim();
}

/** @param header - The value of `Plural-Forms`. */
function ruleOf(header: string | undefined, tag: string, place: () => string): PluralRule {
  // A file that was made from a template has this until its translator sets it.
  if (header === undefined || header === '' || header.includes('INTEGER')) return unicodePluralRule(tag);
  try {
    return readPluralRule(tag, header);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw localeFileError(place(), `Plural-Forms is malformed: ${error.message}`, error);
  }
}

function checkForms(entries: readonly PoEntry[], { formCount }: PluralRule, file: string): void {
  const wrong = entries.find(({ hasPlural, forms }) => hasPlural && forms.length !== formCount);
  if (wrong === undefined) return;
  const reason = `the entry has ${wrong.forms.length} forms (msgstr[0] …), but the language has ${formCount}`;
  throw localeFileError(`${file}:${wrong.line}`, reason);
}

/** The charset of the header with its line, read before the file is decoded. */
function charsetOf(bytes: Buffer): { readonly charset: string; readonly line: number } {
  const head = bytes.toString('latin1', 0, 10_000);
  const match = /^[\t ]*(?:msgstr[\t ]*)?"Content-Type:[^"]*?charset\s*=\s*([\w-]{1,40})/im.exec(head);
  const charset = match?.[1] ?? 'utf-8';
  const line = head.slice(0, match?.index ?? 0).split('\n').length;
  return { charset: charset === 'CHARSET' ? 'utf-8' : charset, line };
}

function lineOf(text: string, word: string): number {
  return text.slice(0, Math.max(0, text.indexOf(word))).split('\n').length;
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}
