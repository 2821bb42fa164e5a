/** Reads the translations of a folder. All files are checked, and how much is read is bounded. */
import { opendir, open, stat } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GaleError } from '../../errors.ts';
import { assertFilledString, assertNames, readIntegers, wrongValue } from '../../run/given-options.ts';
import { showText } from '../../run/shown-text.ts';
import type { Catalog, EntryLimit } from './catalog.ts';
import { parseCsv } from './csv-file.ts';
import { parseMo, parsePo } from './gettext-file.ts';
import { toLanguageTag } from './language-tag.ts';
import { localeFileError } from './locale-file-error.ts';
import { decodeText } from './text-decoding.ts';
import { Translations } from './translations.ts';

/** Options of {@link loadTranslations}. */
export interface LoadTranslationsOptions {
  /** Name of the files in folders of gettext, `de/LC_MESSAGES/messages.po`. @defaultValue `messages` */
  readonly domain?: string;
  /** Encoding of CSV files without a byte order mark. @defaultValue `utf-8` */
  readonly encoding?: string;
  /** Maximum number of files. @defaultValue 200 */
  readonly maxFiles?: number;
  /** Maximum size of one file, in bytes. @defaultValue 4 MiB */
  readonly maxFileBytes?: number;
  /** Maximum number of texts of all files together. @defaultValue 200 000 */
  readonly maxEntries?: number;
}

/** Names of a folder that are looked at. */
const maxNames = 10_000;

/**
 * Reads the translations of a folder: `zh_CN.csv`, `zh_CN.po`, `zh_CN.mo`, or `zh_CN/LC_MESSAGES/messages.po` and `.mo`. Of a `.po` and a
 * `.mo` of one locale in one place, the `.po` is read. Other files are ignored.
 *
 * @param folder - A path, or the URL of a folder: `new URL('locale/', import.meta.url)`.
 * @throws {@link GaleError} `LOCALE_FILE` with file, line and reason. `OPTION_UNKNOWN` or `OPTION_VALUE`.
 * @example
 * const app = new Application(routes, { locale: { translations: await loadTranslations('locale') } });
 */
export async function loadTranslations(
  folder: string | URL,
  options: LoadTranslationsOptions = {},
): Promise<Translations> {
  const { domain, encoding, maxFiles, maxFileBytes, maxEntries } = resolve(options);
  const root = pathOf(folder);
  const files = await findFiles(root, domain);
  if (files.size > maxFiles) {
    throw localeFileError(root, `it has ${files.size} files of translations; maxFiles is ${maxFiles}`);
  }
  if (files.size === 0) {
    throw localeFileError(
      root,
      `it has no translations: no zh_CN.csv, .po or .mo, and no zh_CN/LC_MESSAGES/${domain}.po`,
    );
  }
  const catalogs = new Map<string, Catalog>();
  let rest = maxEntries;
  for (const [tag, file] of files) {
    const bytes = await readBounded(file, maxFileBytes);
    const catalog = parseFile(bytes, file, tag, encoding, { maxEntries, rest });
    rest -= catalog.size;
    catalogs.set(tag, catalog);
  }
  return new Translations(catalogs);
}

function resolve(options: LoadTranslationsOptions): Required<LoadTranslationsOptions> {
  assertNames('loadTranslations', options, ['domain', 'encoding', 'maxFiles', 'maxFileBytes', 'maxEntries']);
  const { domain = 'messages', encoding = 'utf-8' } = options;
  if (typeof domain !== 'string' || !/^[\w.-]+$/.test(domain) || /^\.+$/.test(domain)) {
    throw wrongValue('domain', 'the name of a file without its extension, such as messages', domain);
  }
  assertFilledString('encoding', encoding);
  const limits = readIntegers(options, {
    maxFiles: [200, 1, maxNames],
    maxFileBytes: [4_194_304, 1, 1_073_741_824],
    maxEntries: [200_000, 1, 100_000_000],
  });
  return { domain, encoding, ...limits };
}

function pathOf(folder: unknown): string {
  if (typeof folder === 'string' && folder !== '') return folder;
  if (folder instanceof URL && folder.protocol === 'file:') return fileURLToPath(folder);
  throw wrongValue('folder', 'the path of a folder, or its file: URL', folder);
}

/** The file of each locale. */
async function findFiles(root: string, domain: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const names = await namesIn(root);
  for (const name of names.toSorted()) {
    const { name: code, ext } = parse(name);
    const isFile = /^\.(?:csv|po|mo)$/.test(ext);
    const tag = toLanguageTag(isFile ? code : name);
    if (isFile) {
      const path = join(root, name);
      if (tag === undefined)
        throw localeFileError(path, `the name ${showText(code)} is not the code of a locale, such as zh_CN`);
      addFile(files, tag, path);
      continue;
    }
    if (tag === undefined) continue;
    const inside = join(root, name, 'LC_MESSAGES', domain);
    for (const path of [`${inside}.mo`, `${inside}.po`]) if (await exists(path)) addFile(files, tag, path);
  }
  return files;
}

/** @throws {@link GaleError} `LOCALE_FILE` if the locale has another file, except a `.mo` made from the `.po` beside it. */
function addFile(files: Map<string, string>, tag: string, path: string): void {
  const other = files.get(tag);
  if (other !== undefined && other !== path.replace(/\.po$/, '.mo')) {
    throw localeFileError(path, `the locale ${tag} has another file, ${other}; a locale has one`);
  }
  files.set(tag, path);
}

async function namesIn(root: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of await opendir(root)) {
      names.push(entry.name);
      if (names.length > maxNames)
        throw localeFileError(root, `it has more than ${maxNames} names; is it the right folder?`);
    }
  } catch (error) {
    if (error instanceof GaleError) throw error;
    throw localeFileError(root, `the folder cannot be read (${String(error)})`, error);
  }
  return names;
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** Reads a file after its size was checked. A file that grows meanwhile is cut, which is an error of its text. */
async function readBounded(path: string, maxBytes: number): Promise<Buffer> {
  try {
    const { size } = await regularFile(path);
    if (size > maxBytes) throw localeFileError(path, `the file has ${size} bytes; maxFileBytes is ${maxBytes}`);
    const handle = await open(path);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof GaleError) throw error;
    throw localeFileError(path, `the file cannot be read (${String(error)})`, error);
  }
}

/** A pipe would block at `open`. */
async function regularFile(path: string): Promise<{ readonly size: number }> {
  const stats = await stat(path);
  if (!stats.isFile()) throw localeFileError(path, 'it is not a file');
  return stats;
}

function parseFile(bytes: Buffer, file: string, tag: string, encoding: string, limit: EntryLimit): Catalog {
  if (file.endsWith('.csv')) return parseCsv(decodeText(bytes, file, encoding), file, tag, limit);
  return file.endsWith('.po') ? parsePo(bytes, file, tag, limit) : parseMo(bytes, file, tag, limit);
}
