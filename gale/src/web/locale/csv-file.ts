/**
 * Translations as CSV, as Tornado has them: `text,translation`, and for plurals a third column with `singular`, `plural` or a category
 * of `Intl.PluralRules`. No I/O.
 */
import type { Catalog, EntryLimit, Message } from './catalog.ts';
import { localeFileError, tooManyTexts } from './locale-file-error.ts';
import { shorten } from '../../run/shown-text.ts';

/** A row of a CSV file with the line on which it begins, from 1. */
interface Row {
  readonly cells: readonly string[];
  readonly line: number;
}

/** Texts by their kind, the third column. */
type Texts = ReadonlyMap<string, ReadonlyMap<string, string>>;

const kinds: readonly string[] = ['unknown', 'singular', 'plural', 'zero', 'one', 'two', 'few', 'many', 'other'];

/**
 * Reads a file.
 *
 * @param tag - The language, for its plurals.
 * @param limit - Rows that the file may have.
 * @throws {@link GaleError} `LOCALE_FILE` with file, line and reason.
 */
export function parseCsv(text: string, file: string, tag: string, limit: EntryLimit): Catalog {
  const texts = new Map<string, Map<string, string>>();
  let size = 0;
  for (const { cells, line } of readRows(text, file)) {
    const [source = '', translation, kind = ''] = cells.map((cell) => cell.trim());
    if (cells.length === 1 && source === '') continue;
    const place = `${file}:${line}`;
    if (translation === undefined)
      throw localeFileError(place, `the text ${shown(source)} has no translation; a row is text,translation`);
    if (cells.length > 3)
      throw localeFileError(place, `a row has at most 3 columns; got ${cells.length}. Quote texts with commas`);
    const known = kind === '' ? 'unknown' : kind;
    if (!kinds.includes(known)) {
      throw localeFileError(
        place,
        `the third column must be ${kinds.slice(1).join(', ')} or empty; got ${shown(kind)}`,
      );
    }
    size++;
    if (size > limit.rest) throw localeFileError(place, tooManyTexts(limit));
    const same = texts.get(known) ?? new Map<string, string>();
    texts.set(known, same.set(source, translation));
  }
  return new CsvCatalog(texts, tag, size);
}

/** Texts of a CSV file. It has no contexts. */
class CsvCatalog implements Catalog {
  readonly size: number;
  readonly #texts: Texts;
  readonly #rules: Intl.PluralRules;

  constructor(texts: Texts, tag: string, size: number) {
    this.size = size;
    this.#texts = texts;
    this.#rules = new Intl.PluralRules(tag);
  }

  find({ context, text, plural, count = 1 }: Message): string | undefined {
    if (context !== undefined) return undefined;
    if (plural === undefined) return this.#text('unknown', text);
    const category = this.#rules.select(count);
    const exact = this.#text(category, plural);
    // Without a row for the category, by the rule of Tornado.
    return exact ?? (count === 1 ? this.#text('singular', text) : this.#text('plural', plural));
  }

  #text(kind: string, source: string): string | undefined {
    const found = this.#texts.get(kind)?.get(source);
    return found === '' ? undefined : found;
  }
}

/** Reads the rows (RFC 4180). A quoted cell may contain commas, line ends, and quotes written twice. */
function* readRows(text: string, file: string): Generator<Row, void, void> {
  let cells: string[] = [];
  let line = 1;
  let startLine = 1;
  let at = 0;
  while (at < text.length) {
    const start = skipBlanks(text, at);
    let cell: string;
    if (text[start] === '"') {
      const end = closingQuote(text, start + 1);
      if (end === -1) throw localeFileError(`${file}:${line}`, 'the quoted text has no closing quote');
      cell = text.slice(start + 1, end).replaceAll('""', '"');
      line += lineEndsIn(text, start, end);
      at = skipBlanks(text, end + 1);
      if (at < text.length && !/[,\r\n]/.test(text[at] ?? '')) {
        throw localeFileError(
          `${file}:${line}`,
          'after a closing quote a comma or the end of the line must follow. Write a quote inside as ""',
        );
      }
    } else {
      const rest = /[,\r\n]/g;
      rest.lastIndex = at;
      const end = rest.exec(text)?.index ?? text.length;
      cell = text.slice(at, end);
      at = end;
    }
    cells.push(cell);
    if (text[at] === ',') {
      at++;
      if (at < text.length) continue;
      cells.push('');
    }
    yield { cells, line: startLine };
    if (text.startsWith('\r\n', at)) at++;
    at++;
    line++;
    cells = [];
    startLine = line;
  }
}

function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at !== -1 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}

/** Blanks before a quote do not belong to the text. */
function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t') at++;
  return at;
}

function lineEndsIn(text: string, from: number, to: number): number {
  return text.slice(from, to).split(/\r\n|\r|\n/).length - 1;
}

function shown(text: string): string {
  return JSON.stringify(shorten(text));
}
