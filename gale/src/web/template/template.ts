/**
 * A template that is ready to be filled in: the one class of this folder that its users hold, next to the loaders.
 * Putting the parts together: parsed file, compiler, runtime.
 */
import { assertNames, listChoices, wrongValue } from '../../run/given-options.ts';
import { compileTemplate } from './compile.ts';
import type { TemplateFile } from './parse.ts';
import { parseTemplate } from './parse.ts';
import { bindTemplate } from './runtime.ts';
import { TemplateError } from './template-error.ts';
import type { WhitespaceMode } from './whitespace.ts';
import { whitespaceModes } from './whitespace.ts';

/** What holds for all templates of a loader. */
export interface TemplateSettings {
  /**
   * What `{{ }}` goes through in files that do not say: `true` for `xhtmlEscape`, `false` for nothing, or a function.
   *
   * @defaultValue true
   */
  readonly autoescape?: boolean | ((text: string) => string) | undefined;
  /** Names that every template has; those passed to `generate` win over them. */
  readonly namespace?: object | undefined;
  /** Whitespace mode of files that do not say. @defaultValue `single` for `.html` and `.js`, else `all` */
  readonly whitespace?: WhitespaceMode | undefined;
}

/** The names of {@link TemplateSettings}. */
export const templateSettingNames: readonly string[] = ['autoescape', 'namespace', 'whitespace'];

/** Options of a {@link Template} that is made from text. */
export interface TemplateOptions extends TemplateSettings {
  /** What errors call it, and what the names it includes are relative to. @defaultValue `<string>` */
  readonly name?: string;
  /** Finds a template that this one extends or includes. Without it, doing so is an error. */
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
  /** As the loader knows it. */
  readonly name: string;
  readonly #generate: (namespace: object) => string;
  readonly #makeChunks: () => (namespace: object) => IterableIterator<string>;
  #chunks: ((namespace: object) => IterableIterator<string>) | undefined;

  /**
   * Parses and compiles a template with all that it extends and includes.
   *
   * @param source - Its text, or what the loader has parsed.
   * @throws {@link TemplateError} If the text is wrong, with file and line.
   */
  constructor(source: string | TemplateFile, options: TemplateOptions = {}) {
    assertNames('template', options, [...templateSettingNames, 'name', 'resolve']);
    assertTemplateSettings(options);
    const file =
      typeof source === 'string' ? parseTemplate(source, options.name ?? '<string>', options.whitespace) : source;
    const { autoescape = true, namespace = {} } = options;
    const bind = <Output>(chunks: boolean): ((namespace: object) => Output) => {
      const compiled = compileTemplate(file, {
        resolve: (name, from, line) => resolveFile(options, name, from, line),
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
   * Fills the template in.
   *
   * Strings are printed as they are, `null` prints nothing, bytes are UTF-8, everything else goes through `String()`.
   * `undefined`, a function and a promise are errors: each is a mistake that would otherwise be seen by a reader only.
   *
   * @param namespace - The names of this page; own and inherited properties count. Each is read once, when it is first
   *   needed. It is not changed.
   * @returns The whole output.
   * @throws {@link TemplateError} With file and line: `TEMPLATE_NAME` for a name that was not passed, `TEMPLATE_VALUE` for
   *   what cannot be printed or looped over, `TEMPLATE_RUNTIME` for what an expression threw. `HttpError`, `Finish` and
   *   other errors of Gale are thrown on as they are.
   */
  generate(namespace: object = {}): string {
    return this.#generate(namespace);
  }

  /**
   * Fills the template in piece by piece, for a long page whose beginning should leave before its end is made.
   * Nothing is evaluated before the first chunk is asked for. An error comes out of the iterator instead of the chunk that
   * it would have been in.
   *
   * @returns Chunks of about 16 000 characters, none empty; joined they are what {@link Template.generate} returns.
   */
  generateChunks(namespace: object = {}): IterableIterator<string> {
    this.#chunks ??= this.#makeChunks();
    return this.#chunks(namespace);
  }
}

/** @throws `OPTION_VALUE` for a setting of the wrong type. */
export function assertTemplateSettings({ autoescape = true, namespace = {}, whitespace }: TemplateSettings): void {
  if (typeof autoescape !== 'boolean' && typeof autoescape !== 'function') {
    throw wrongValue('autoescape', 'true, false or a function', autoescape);
  }
  if (typeof namespace !== 'object' || namespace === null) throw wrongValue('namespace', 'an object', namespace);
  if (whitespace !== undefined && !whitespaceModes.includes(whitespace)) {
    throw wrongValue('whitespace', listChoices(whitespaceModes), whitespace);
  }
}

function resolveFile({ resolve }: TemplateOptions, name: string, from: TemplateFile, line: number): TemplateFile {
  const place = { file: from.name, line, via: [] };
  if (resolve === undefined) {
    throw new TemplateError('TEMPLATE_SYNTAX', `\`${name}\` cannot be found: this template has no loader`, place);
  }
  try {
    return resolve(name, from.name);
  } catch (error) {
    // A name that leads nowhere is an error of the file that holds it; an error in the found file has its own place.
    if (!(error instanceof TemplateError) || error.place !== undefined) throw error;
    throw new TemplateError(error.code, error.reason, place, { cause: error.cause });
  }
}
