/**
 * A compiled template. With the loaders, the public class of this folder. Connects parser, compiler and runtime.
 */
import {
  assertFunctions,
  assertNames,
  assertObject,
  assertString,
  listChoices,
  wrongValue,
} from '../../run/given-options.ts';
import { compileTemplate } from './compile.ts';
import type { TemplateFile } from './parse.ts';
import { parseTemplate } from './parse.ts';
import { bindTemplate } from './runtime.ts';
import { TemplateError } from './template-error.ts';
import type { WhitespaceMode } from './whitespace.ts';
import { whitespaceModes } from './whitespace.ts';

/** Settings of all templates of a loader. */
export interface TemplateSettings {
  /**
   * How `{{ }}` is escaped in files without `{% autoescape %}`: `true` for `xhtmlEscape`, `false` for nothing, or a function.
   *
   * @defaultValue true
   */
  readonly autoescape?: boolean | ((text: string) => string) | undefined;
  /** Names for every template. Names passed to `generate` take precedence. */
  readonly namespace?: object | undefined;
  /** Whitespace mode of files without `{% whitespace %}`. @defaultValue `single` for `.html` and `.js`, else `all` */
  readonly whitespace?: WhitespaceMode | undefined;
}

/** The names of {@link TemplateSettings}. */
export const templateSettingNames: readonly string[] = ['autoescape', 'namespace', 'whitespace'];

/** Options of a {@link Template}. */
export interface TemplateOptions extends TemplateSettings {
  /** Name in errors. Names of included templates are relative to it. @defaultValue `<string>` */
  readonly name?: string;
  /** Finds a template that this one extends or includes. Left out: `extends` and `include` are errors. */
  readonly resolve?: (name: string, from: string) => TemplateFile;
}

/**
 * A compiled template.
 *
 * @example
 * ```ts
 * const hello = new Template('Hello, {{ name }}!');
 * hello.generate({ name: 'Ann & Bob' }); // Hello, Ann &amp; Bob!
 * ```
 */
export class Template {
  /** Name of the template in its loader. */
  readonly name: string;
  readonly #generate: (namespace: object) => string;
  readonly #makeChunks: () => (namespace: object) => IterableIterator<string>;
  #chunks: ((namespace: object) => IterableIterator<string>) | undefined;

  /**
   * Parses and compiles a template and all templates that it extends and includes.
   *
   * @param source - The text, or a file that the loader has parsed.
   * @throws {@link TemplateError} If the text is invalid, with file and line. {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
   */
  constructor(source: string | TemplateFile, options: TemplateOptions = {}) {
    const { autoescape, namespace, whitespace, name: ownName, resolve } = resolveTemplateOptions(options);
    const file = typeof source === 'string' ? parseTemplate(source, ownName, whitespace) : assertFile(source);
    const bind = <Output>(chunks: boolean): ((namespace: object) => Output) => {
      const compiled = compileTemplate(file, {
        resolve: (name, from, line) => resolveFile(resolve, name, from, line),
        escape: autoescape === true ? '$$e' : autoescape === false ? undefined : '$$c',
        chunks,
      });
      const escape = typeof autoescape === 'function' ? autoescape : undefined;
      return bindTemplate<Output>(compiled, file.name, chunks, { namespace, escape });
    };
    this.name = file.name;
    this.#generate = bind<string>(false);
    this.#makeChunks = () => bind<IterableIterator<string>>(true);
  }

  /**
   * Renders the template.
   *
   * Strings are written unchanged, `null` writes nothing, bytes are decoded as UTF-8, other values are converted by
   * `String()`. `undefined`, functions and promises are errors, since they are mistakes of the program.
   *
   * @param namespace - Names for the template: own and inherited properties. Each is read at most once, at its first use.
   *   The object is not changed.
   * @returns The whole output.
   * @throws {@link TemplateError} With file and line: `TEMPLATE_NAME` for a missing name, `TEMPLATE_VALUE` for a value that
   *   cannot be written or iterated, `TEMPLATE_RUNTIME` for an error in an expression. `HttpError`, `Finish` and other
   *   errors of Gale are rethrown unchanged.
   */
  generate(namespace: object = {}): string {
    assertObject('namespace', namespace);
    return this.#generate(namespace);
  }

  /**
   * Renders the template in chunks, so that the beginning of a long page can be sent before its end is rendered.
   * Evaluation starts with the first chunk. The iterator throws an error instead of the chunk in which it occurred.
   *
   * @returns Chunks of about 16 000 characters, never empty. Joined, they equal the result of {@link Template.generate}.
   */
  generateChunks(namespace: object = {}): IterableIterator<string> {
    assertObject('namespace', namespace);
    this.#chunks ??= this.#makeChunks();
    return this.#chunks(namespace);
  }
}

/** {@link TemplateSettings}, checked, with the defaults filled in. `whitespace` is undefined if it depends on the name of the file. */
export interface ResolvedTemplateSettings {
  readonly autoescape: boolean | ((text: string) => string);
  readonly namespace: object;
  readonly whitespace: WhitespaceMode | undefined;
}

/**
 * Checks settings and fills in the defaults. The caller has checked the names.
 *
 * @throws {@link GaleError} `OPTION_VALUE`.
 */
export function resolveTemplateSettings(settings: TemplateSettings): ResolvedTemplateSettings {
  const { autoescape = true, namespace = {}, whitespace } = settings;
  if (typeof autoescape !== 'boolean' && typeof autoescape !== 'function') {
    throw wrongValue('autoescape', 'true, false or a function', autoescape);
  }
  assertObject('namespace', namespace);
  if (whitespace !== undefined && !whitespaceModes.includes(whitespace)) {
    throw wrongValue('whitespace', listChoices(whitespaceModes), whitespace);
  }
  return { autoescape, namespace, whitespace };
}

interface ResolvedTemplateOptions extends ResolvedTemplateSettings {
  readonly name: string;
  readonly resolve: TemplateOptions['resolve'];
}

function resolveTemplateOptions(options: TemplateOptions): ResolvedTemplateOptions {
  assertNames('template', options, [...templateSettingNames, 'name', 'resolve']);
  assertFunctions(options, ['resolve']);
  const { name = '<string>', resolve } = options;
  assertString('name', name);
  return { ...resolveTemplateSettings(options), name, resolve };
}

function assertFile(source: TemplateFile): TemplateFile {
  if (typeof source === 'object' && source !== null && Array.isArray(source.body)) return source;
  throw wrongValue('source', 'a string, or a file that a loader has parsed', source);
}

function resolveFile(
  resolve: TemplateOptions['resolve'],
  name: string,
  from: TemplateFile,
  line: number,
): TemplateFile {
  const place = { file: from.name, line, via: [] };
  if (resolve === undefined) {
    throw new TemplateError('TEMPLATE_SYNTAX', `\`${name}\` cannot be found: this template has no loader`, place);
  }
  try {
    return resolve(name, from.name);
  } catch (error) {
    // A missing template is an error of the file that names it. An error in the found file has its own place.
    if (!(error instanceof TemplateError) || error.place !== undefined) throw error;
    throw new TemplateError(error.code, error.reason, place, { cause: error.cause });
  }
}
