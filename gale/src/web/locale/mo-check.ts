/**
 * Checks the tables of a `.mo` file: numbers of texts, positions and lengths. The library that reads the texts trusts them, so one small
 * file could make it copy terabytes. No I/O.
 */
import { isUtf8 } from 'node:buffer';
import type { EntryLimit } from './catalog.ts';
import { showText } from '../../run/shown-text.ts';
import { localeFileError, tooManyTexts } from './locale-file-error.ts';

/** A text of a file. */
interface Text {
  /** Its position. */
  readonly from: number;
  readonly bytes: Buffer;
}

const magic = 0x95_04_12_de;
const headBytes = 20;

/**
 * Checks a file.
 *
 * @param limit - Texts that the file may have.
 * @throws {@link GaleError} `LOCALE_FILE` with file, position and reason.
 */
export function checkMo(bytes: Buffer, file: string, limit: EntryLimit): void {
  const fail = (reason: string, at?: number): Error =>
    localeFileError(at === undefined ? file : `${file}: byte ${at}`, reason);
  if (bytes.length < headBytes) throw fail(`a .mo file has at least ${headBytes} bytes; got ${bytes.length}`);
  const isLittle = bytes.readUInt32LE(0) === magic;
  if (!isLittle && bytes.readUInt32BE(0) !== magic) throw fail('it does not begin like a .mo file');
  const read = (at: number): number => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const revision = read(4) >>> 16;
  if (revision > 1) throw fail(`revision ${revision} is unknown; known are 0 and 1`, 4);
  const count = read(8);
  // The header is a text too.
  if (count > limit.rest + 1) throw fail(tooManyTexts(limit), 8);
  const texts: Text[] = [];
  let total = 0;
  for (const tableAt of [12, 16]) {
    const table = read(tableAt);
    if (table + count * 8 > bytes.length) throw fail(`the table for ${count} texts ends after the file`, tableAt);
    for (let index = 0; index < count; index++) {
      const at = table + index * 8;
      const length = read(at);
      const from = read(at + 4);
      if (from + length > bytes.length) throw fail(`text ${index} ends after the file`, at);
      total += length;
      if (total > bytes.length) throw fail('the texts together are longer than the file', at);
      texts.push({ from, bytes: bytes.subarray(from, from + length) });
    }
  }
  // The translation of the empty text, which is the first one.
  const header = texts[0]?.bytes.length === 0 ? texts[count]?.bytes : undefined;
  checkEncoding(texts, header ?? Buffer.alloc(0), file);
}

/** Encodings that gettext-parser knows. It prints any other one to standard error, and guesses. */
const knownCharset =
  /^(?:utf-?8|(?:us-)?ascii|iso-8859-\d{1,2}|windows-125\d|gbk|gb2312|gb18030|big5|euc-jp|euc-kr|shift_jis|koi8-[ru])$/i;

/**
 * Checks the encoding of the texts of a file, whose tables are right.
 *
 * @throws {@link GaleError} `LOCALE_FILE` if it is unknown, or is UTF-8 and a text is not.
 */
function checkEncoding(texts: readonly Text[], headerText: Buffer, file: string): void {
  const charset = /[; ]charset\s*=\s*([\w-]+)/i.exec(headerText.toString('latin1'))?.[1] ?? 'utf-8';
  if (charset !== 'CHARSET' && !knownCharset.test(charset)) {
    throw localeFileError(file, `the encoding ${showText(charset)} is unknown; use utf-8`);
  }
  if (!/^(?:utf-?8|charset)$/i.test(charset)) return;
  const wrong = texts.find(({ bytes }) => !isUtf8(bytes));
  if (wrong !== undefined) throw localeFileError(`${file}: byte ${wrong.from}`, 'the text is not UTF-8');
}
