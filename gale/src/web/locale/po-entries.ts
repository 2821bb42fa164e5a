/**
 * Checks the lines of a `.po` file and finds where its entries begin. The library that reads the values accepts most mistakes silently, and
 * names no line for the others. No I/O.
 */
import type { EntryLimit } from './catalog.ts';
import { localeFileError, tooManyTexts } from './locale-file-error.ts';
import { shorten } from '../../run/shown-text.ts';

/** Where an entry begins, and how many forms its translation has. */
export interface PoEntry {
  /** Line of its `msgid`, from 1. */
  readonly line: number;
  /** Number of `msgstr[…]`; `undefined` for an entry without a plural. */
  readonly formCount: number | undefined;
}

/** A line with a keyword, which may be obsolete. */
const keywordLine = /^(msgctxt|msgid_plural|msgid|msgstr(?:\[(\d{1,3})\])?)[\t ]*(.*)$/;
/** A quoted text with the escapes that the library reads. */
const quoted = /^"(?:[^"\\]|\\["\\nrt])*"[\t ]*$/;

/**
 * Checks a file.
 *
 * @param limit - Entries that the file may have, without obsolete ones.
 * @returns The entries in order, without obsolete ones.
 * @throws {@link GaleError} `LOCALE_FILE` with file, line and reason.
 */
export function readPoEntries(text: string, file: string, limit: EntryLimit): PoEntry[] {
  const current = new Checker(file, limit);
  // The library reads obsolete entries too, and mixes a malformed one with the entries beside it.
  const obsolete = new Checker(file);
  for (const [index, whole] of text.split(/\r\n|\n/).entries()) {
    const line = whole.trim();
    if (/^#~(?!\|)/.test(line)) {
      current.finish();
      obsolete.readLine(index + 1, line.slice(2).trim());
    } else if (line === '' || line.startsWith('#')) {
      current.pause();
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

/** Checks the entries that are in use, or, without a limit, the obsolete ones. */
class Checker {
  readonly entries: PoEntry[] = [];
  readonly #file: string;
  readonly #limit: EntryLimit | undefined;
  #line = 0;
  #part: Part = 'nothing';
  #idLine = 0;
  #formCount = 0;
  /** `msgctxt` and `msgid` of this entry as written, to find entries that are there twice. */
  #context: string | undefined;
  #id = '';
  readonly #lines = new Map<string, number>();

  constructor(file: string, limit?: EntryLimit) {
    this.#file = file;
    this.#limit = limit;
  }

  readLine(number: number, line: string): void {
    this.#line = number;
    if (line.startsWith('"')) {
      if (this.#part === 'nothing') throw this.#error('a quoted text belongs to a msgid or msgstr before it');
      return this.#checkText(line);
    }
    const [, keyword = '', index, rest = ''] = keywordLine.exec(line) ?? [];
    if (keyword === '') {
      throw this.#error(
        `a line must begin with msgctxt, msgid, msgid_plural, msgstr, # or a quote; got ${shown(line)}`,
      );
    }
    this.#startPart(keyword, index);
    this.#checkText(rest);
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
    this.#context = undefined;
    this.#id = '';
    this.#part = 'nothing';
  }

  #startPart(keyword: string, index: string | undefined): void {
    const before = this.#part;
    if (keyword === 'msgctxt' || keyword === 'msgid') {
      if (before !== 'msgctxt' || keyword === 'msgctxt') this.finish();
      if (keyword === 'msgctxt') this.#context = '';
      else this.#idLine = this.#line;
      this.#part = keyword;
    } else if (keyword === 'msgid_plural') {
      if (before !== 'msgid') throw this.#error('msgid_plural must follow msgid');
      this.#part = keyword;
      this.#formCount = 0;
    } else if (index === undefined) {
      if (before !== 'msgid')
        throw this.#error(
          before === 'msgid_plural' ? 'a text with a plural needs msgstr[0], msgstr[1] …' : 'msgstr must follow msgid',
        );
      this.#part = 'msgstr';
    } else {
      if (before !== 'msgid_plural' && before !== 'msgstr[]') throw this.#error('msgstr[…] must follow msgid_plural');
      if (Number(index) !== this.#formCount)
        throw this.#error(`msgstr[${this.#formCount}] must be next; got msgstr[${index}]`);
      this.#formCount++;
      this.#part = 'msgstr[]';
    }
  }

  #addEntry(): void {
    if (this.#limit === undefined) return;
    const key = `${this.#context ?? ''}\u0004${this.#id}`;
    const same = this.#lines.get(key);
    if (same !== undefined) {
      throw localeFileError(`${this.#file}:${this.#idLine}`, `the entry is also on line ${same}; remove one of them`);
    }
    this.#lines.set(key, this.#idLine);
    this.entries.push({ line: this.#idLine, formCount: this.#part === 'msgstr[]' ? this.#formCount : undefined });
    // The header is an entry too.
    if (this.entries.length > this.#limit.rest + 1) throw this.#error(tooManyTexts(this.#limit));
  }

  #checkText(text: string): void {
    if (quoted.test(text)) {
      if (this.#part === 'msgctxt') this.#context += text.trimEnd().slice(1, -1);
      else if (this.#part === 'msgid') this.#id += text.trimEnd().slice(1, -1);
      return;
    }
    if (!text.startsWith('"')) throw this.#error(`a text in double quotes must follow; got ${shown(text)}`);
    const escape = /^"(?:[^"\\]|\\["\\nrt])*(\\(?:[^"\\nrt]|$))/.exec(text)?.[1];
    if (escape !== undefined)
      throw this.#error(`unknown escape ${shown(escape)}; known are \\n, \\r, \\t, \\" and \\\\`);
    if (/^"(?:[^"\\]|\\["\\nrt])*$/.test(text)) throw this.#error('the text has no closing quote');
    throw this.#error('something follows the closing quote. Write a quote inside as \\"');
  }

  #error(reason: string): Error {
    return localeFileError(`${this.#file}:${this.#line}`, reason);
  }
}

function shown(text: string): string {
  return JSON.stringify(shorten(text));
}
