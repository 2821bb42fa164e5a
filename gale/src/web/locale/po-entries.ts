/**
 * Reads the entries of a `.po` file and checks every line. gettext-parser, which writes these files, accepts most mistakes silently,
 * names no line for the others, and is much slower; tests compare what both read. No I/O.
 */
import type { EntryLimit } from './catalog.ts';
import { localeFileError, tooManyTexts } from './locale-file-error.ts';
import { shorten } from '../../run/shown-text.ts';

/** A text and its translation. The header is an entry too: its text is empty, and its translation has the headers. */
export interface PoEntry {
  /** Line of its `msgid`, from 1. */
  readonly line: number;
  readonly context: string | undefined;
  readonly text: string;
  /** `msgstr`, or each `msgstr[…]`. */
  readonly forms: readonly string[];
  /** Whether it has `msgid_plural`. */
  readonly hasPlural: boolean;
  /** Whether a translator has to look at it. */
  readonly isFuzzy: boolean;
}

/** A line with a keyword, which may be obsolete. */
const keywordLine = /^(msgctxt|msgid_plural|msgid|msgstr(?:\[(\d{1,3})\])?)[\t ]*(.*)$/s;
/** A quoted text with the escapes that gettext-parser reads. */
const quoted = /^"([^"\\]*(?:\\["\\nrt][^"\\]*)*)"[\t ]*$/;
const controls: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/**
 * Reads a file.
 *
 * @param limit - Entries that the file may have, without obsolete ones.
 * @returns The entries in order, without obsolete ones.
 * @throws {@link GaleError} `LOCALE_FILE` with file, line and reason.
 */
export function readPoEntries(text: string, file: string, limit: EntryLimit): PoEntry[] {
  const current = new Reader(file, limit);
  // The library reads obsolete entries too, and mixes a malformed one with the entries beside it.
  const obsolete = new Reader(file);
  for (const [index, whole] of text.split(/\r\n|\n/).entries()) {
    const line = whole.trim();
    if (/^#~(?!\|)/.test(line)) {
      current.finish();
      // The flags before it are its own.
      current.isFuzzy = false;
      obsolete.readLine(index + 1, line.slice(2).trim());
    } else if (line === '' || line.startsWith('#')) {
      current.pause();
      if (/^#,.*\bfuzzy\b/.test(line)) current.isFuzzy = true;
    } else {
      obsolete.finish();
      current.readLine(index + 1, line);
    }
  }
  obsolete.finish();
  current.finish();
  return current.entries;
}

/** What an entry has so far. */
type Part = 'nothing' | 'msgctxt' | 'msgid' | 'msgid_plural' | 'msgstr' | 'msgstr[]';

/** Reads the entries that are in use, or, without a limit, only checks the obsolete ones. */
class Reader {
  readonly entries: PoEntry[] = [];
  /** Whether the entry that has begun, or the next one, has this flag. */
  isFuzzy = false;
  readonly #file: string;
  readonly #limit: EntryLimit | undefined;
  #line = 0;
  #part: Part = 'nothing';
  #idLine = 0;
  #context = '';
  #id = '';
  #forms: string[] = [];
  /** Lines of the entries by context and text, to find entries that are there twice. */
  readonly #lines = new Map<string, number>();

  constructor(file: string, limit?: EntryLimit) {
    this.#file = file;
    this.#limit = limit;
  }

  readLine(number: number, line: string): void {
    this.#line = number;
    if (line.startsWith('"')) {
      if (this.#part === 'nothing') throw this.#error('a quoted text belongs to a msgid or msgstr before it');
      return this.#readText(line);
    }
    const [, keyword = '', index, rest = ''] = keywordLine.exec(line) ?? [];
    if (keyword === '') {
      throw this.#error(
        `a line must begin with msgctxt, msgid, msgid_plural, msgstr, # or a quote; got ${shown(line)}`,
      );
    }
    this.#startPart(keyword, index);
    this.#readText(rest);
  }

  /** A blank line or a comment, which ends a complete entry and is allowed in any other. */
  pause(): void {
    if (this.#part === 'msgstr' || this.#part === 'msgstr[]') this.finish();
  }

  /** Ends the entry that was begun, if any. */
  finish(): void {
    if (this.#part !== 'nothing' && this.#part !== 'msgstr' && this.#part !== 'msgstr[]') {
      throw this.#error(`the entry has no ${this.#part === 'msgctxt' ? 'msgid' : 'msgstr'}`);
    }
    if (this.#part === 'nothing') return;
    this.#addEntry();
    this.#context = '';
    this.#id = '';
    this.#forms = [];
    this.isFuzzy = false;
    this.#part = 'nothing';
  }

  #startPart(keyword: string, index: string | undefined): void {
    const before = this.#part;
    if (keyword === 'msgctxt' || keyword === 'msgid') {
      if (before !== 'msgctxt' || keyword === 'msgctxt') this.finish();
      if (keyword === 'msgid') this.#idLine = this.#line;
      this.#part = keyword;
    } else if (keyword === 'msgid_plural') {
      if (before !== 'msgid') throw this.#error('msgid_plural must follow msgid');
      this.#part = keyword;
    } else if (index === undefined) {
      if (before !== 'msgid')
        throw this.#error(
          before === 'msgid_plural' ? 'a text with a plural needs msgstr[0], msgstr[1] …' : 'msgstr must follow msgid',
        );
      this.#part = 'msgstr';
      this.#forms.push('');
    } else {
      if (before !== 'msgid_plural' && before !== 'msgstr[]') throw this.#error('msgstr[…] must follow msgid_plural');
      const next = this.#forms.length;
      if (Number(index) !== next) throw this.#error(`msgstr[${next}] must be next; got msgstr[${index}]`);
      this.#part = 'msgstr[]';
      this.#forms.push('');
    }
  }

  #addEntry(): void {
    if (this.#limit === undefined) return;
    const context = this.#context === '' ? undefined : this.#context;
    const key = `${this.#context}\u0004${this.#id}`;
    const same = this.#lines.get(key);
    if (same !== undefined) {
      throw localeFileError(`${this.#file}:${this.#idLine}`, `the entry is also on line ${same}; remove one of them`);
    }
    this.#lines.set(key, this.#idLine);
    this.entries.push({
      line: this.#idLine,
      context,
      text: this.#id,
      forms: this.#forms,
      hasPlural: this.#part === 'msgstr[]',
      isFuzzy: this.isFuzzy,
    });
    // The header is an entry too.
    if (this.entries.length > this.#limit.rest + 1) throw this.#error(tooManyTexts(this.#limit));
  }

  /** Adds a quoted text to the part that has begun. */
  #readText(text: string): void {
    const inside = quoted.exec(text)?.[1];
    if (inside === undefined) throw this.#textError(text);
    const value = inside.includes('\\')
      ? inside.replaceAll(/\\(.)/g, (_, escaped: string) => controls[escaped] ?? escaped)
      : inside;
    if (this.#part === 'msgctxt') this.#context += value;
    else if (this.#part === 'msgid') this.#id += value;
    else if (this.#part !== 'msgid_plural') this.#forms[this.#forms.length - 1] += value;
  }

  #textError(text: string): Error {
    if (!text.startsWith('"')) return this.#error(`a text in double quotes must follow; got ${shown(text)}`);
    const escape = /^"[^"\\]*(?:\\["\\nrt][^"\\]*)*(\\(?:[^"\\nrt]|$))/.exec(text)?.[1];
    if (escape !== undefined)
      return this.#error(`unknown escape ${shown(escape)}; known are \\n, \\r, \\t, \\" and \\\\`);
    if (/^"[^"\\]*(?:\\["\\nrt][^"\\]*)*$/.test(text)) return this.#error('the text has no closing quote');
    return this.#error('something follows the closing quote. Write a quote inside as \\"');
  }

  #error(reason: string): Error {
    return localeFileError(`${this.#file}:${this.#line}`, reason);
  }
}

function shown(text: string): string {
  return JSON.stringify(shorten(text));
}
