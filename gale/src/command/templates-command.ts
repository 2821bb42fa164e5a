/** `gale templates check`: finds the errors of all templates of a folder without rendering them. */
import { stat } from 'node:fs/promises';
import { Loader } from '../web/template/loader.ts';
import { findTemplateErrors } from '../web/template/parse.ts';
import { TemplateError } from '../web/template/template-error.ts';
import { CommandLineError, readCommandLine, type Command } from './command-line.ts';
import { readSourceFiles, templateExtensions, type SourceFile, type UnreadableFile } from './source-files.ts';

/** Prints every error with its file and line. */
export const templatesCommand: Command = {
  usage: 'templates check DIR',
  help: 'Print the errors of the templates in DIR; exit code 1 if there is one.',
  async run(given) {
    const { words } = readCommandLine(this, {}, given);
    const [verb, folder] = words;
    if (verb !== 'check' || folder === undefined || words.length > 2) {
      throw new CommandLineError('templates takes check and one folder: npx gale templates check DIR');
    }
    // A script or a style sheet can be a template too, but a folder of templates may also have others.
    if ((await stat(folder).catch(() => undefined))?.isFile() === true) {
      throw new CommandLineError(
        `${folder} is a file; give its folder, in which it finds the templates that it extends`,
      );
    }
    const unreadable: UnreadableFile[] = [];
    const extensions = [...templateExtensions, '.css', '.js', '.json', '.md'];
    const files = await readSourceFiles(folder, extensions, (file) => unreadable.push(file));
    for (const { path, line, reason } of unreadable) process.stdout.write(`${path}:${line}: ${reason}\n`);
    const errors = findErrors(folder, files);
    for (const { reason, place } of errors) {
      const via = place === undefined || place.via.length === 0 ? '' : ` (via ${place.via.join(', ')})`;
      process.stdout.write(`${pathOf(files, place?.file)}:${place?.line ?? 1}: ${reason}${via}\n`);
    }
    const count = files.length + unreadable.length;
    const errorCount = errors.length + unreadable.length;
    process.stderr.write(`${plural(count, 'template')}, ${plural(errorCount, 'error')}\n`);
    return errorCount === 0 ? 0 : 1;
  },
};

function findErrors(folder: string, files: readonly SourceFile[]): TemplateError[] {
  const found = files.map(({ name, text }) => ({ name, errors: findTemplateErrors(text, name) }));
  const errors = found.flatMap((file) => file.errors);
  const seen = new Set(errors.map(({ message }) => message));
  // Then what only the other templates show: extends and include without a target, circles, blocks that are there twice.
  const loader = new Loader(folder);
  for (const { name, errors: own } of found) {
    if (own.length > 0) continue;
    try {
      loader.load(name);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      // The error of a base template is thrown for every template that extends it.
      if (!seen.has(error.message) && !seen.has(withoutVia(error))) errors.push(error);
      seen.add(error.message);
    }
  }
  return errors;
}

function withoutVia({ reason, place }: TemplateError): string {
  return place === undefined ? reason : `${reason} at ${place.file}:${place.line}`;
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function pathOf(files: readonly SourceFile[], name: string | undefined): string {
  return files.find((file) => file.name === name)?.path ?? name ?? '';
}
