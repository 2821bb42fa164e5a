/** `gale messages`: writes the texts of templates and programs into a `.po` file. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import { GaleError } from '../errors.ts';
import { showText } from '../run/shown-text.ts';
import { toLanguageTag } from '../web/locale/language-tag.ts';
import { TemplateError } from '../web/template/template-error.ts';
import { CommandLineError, readCommandLine, type Command } from './command-line.ts';
import { findInScript, findInTemplate, type FoundMessages } from './message-calls.ts';
import { mergePo } from './po-merge.ts';
import { readSourceFiles, scriptExtensions, templateExtensions, type SourceFile } from './source-files.ts';

/** Extracts and merges. */
export const messagesCommand: Command = {
  usage: 'messages DIR… --out=FILE.po',
  help: 'Write the texts of templates and programs into FILE.po, and keep its translations.',
  async run(given) {
    const { words, options } = readCommandLine(
      this,
      {
        out: { type: 'text', default: '', help: 'The file of a language, such as locale/de.po, or a template .pot' },
        functions: { type: 'text', default: '', help: 'Names of more functions that take a text, such as t,N_' },
      },
      given,
    );
    const { out } = options;
    const functions = options.functions.split(',').filter((name) => name !== '');
    const wrong = functions.find((name) => !/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name));
    if (wrong !== undefined)
      throw new CommandLineError(`--functions must be names with commas between them; got ${showText(wrong)}.`);
    if (words.length === 0 || !/\.pot?$/.test(out)) {
      throw new CommandLineError('messages takes folders and a file: npx gale messages DIR --out=FILE.po');
    }
    const files: SourceFile[] = [];
    for (const folder of words)
      files.push(...(await readSourceFiles(folder, [...templateExtensions, ...scriptExtensions])));
    const found = files.map((file) => findInFile(file, functions));
    const messages = found.flatMap((file) => file.messages);
    for (const place of found.flatMap((file) => file.unknown)) {
      process.stderr.write(`${place}: the text is not a literal, so it is not extracted\n`);
    }
    const merged = mergePo(await readGiven(out), out, languageOf(out), messages);
    await writeWhole(out, merged.text);
    const { count, newCount, obsoleteCount, untranslatedCount } = merged;
    const counts = `${count} texts, ${newCount} new, ${untranslatedCount} without translation, ${obsoleteCount} obsolete`;
    process.stderr.write(`${out}: ${counts}\n`);
    return 0;
  },
};

function findInFile(file: SourceFile, functions: readonly string[]): FoundMessages {
  if (scriptExtensions.includes(extname(file.path))) return findInScript(file.text, file.path, functions);
  try {
    return findInTemplate(file, functions);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new GaleError('COMMAND_FILE', `${file.path}:${error.place?.line ?? 1}: ${error.reason}.`, { cause: error });
  }
}

/** `locale/zh_CN.po` and `locale/zh_CN/LC_MESSAGES/messages.po` are Chinese. */
function languageOf(out: string): string | undefined {
  if (out.endsWith('.pot')) return undefined;
  const folder = dirname(out);
  const isInside = basename(folder) === 'LC_MESSAGES';
  return toLanguageTag(isInside ? basename(dirname(folder)) : basename(out, '.po'));
}

async function readGiven(out: string): Promise<string | undefined> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(out));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (error instanceof TypeError) throw new GaleError('COMMAND_FILE', `${out} is not UTF-8.`, { cause: error });
    throw new GaleError('COMMAND_FILE', `${out} cannot be read: ${String(error)}`, { cause: error });
  }
}

/** A file is never half written: translations are work. */
async function writeWhole(out: string, text: string): Promise<void> {
  const temporary = `${out}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(out), { recursive: true });
    await writeFile(temporary, text);
    await rename(temporary, out);
  } catch (error) {
    throw new GaleError('COMMAND_FILE', `${out} cannot be written: ${String(error)}`, { cause: error });
  }
}
