/**
 * Loaders read templates from a folder or an object of texts. A loader reads each file once, compiles each template once,
 * and never reads a file outside of its root.
 */
import { readFileSync, realpathSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { assertNames, assertObject, assertString, readChoices, wrongValue } from '../../run/given-options.ts';
import { showText } from '../../run/shown-text.ts';
import type { TemplateFile } from './parse.ts';
import { parseTemplate } from './parse.ts';
import type { ResolvedTemplateSettings, TemplateSettings } from './template.ts';
import { resolveTemplateSettings, Template, templateSettingNames } from './template.ts';
import { TemplateError } from './template-error.ts';

/** Options of a loader. */
export interface LoaderOptions extends TemplateSettings {
  /** Whether to read and compile a template once, or at every `load` (for development). @defaultValue true */
  readonly cache?: boolean | undefined;
}

interface ResolvedLoaderOptions extends ResolvedTemplateSettings {
  readonly cache: boolean;
}

function resolveLoaderOptions(options: LoaderOptions): ResolvedLoaderOptions {
  assertNames('loader', options, [...templateSettingNames, 'cache']);
  return { ...resolveTemplateSettings(options), ...readChoices(options, { cache: [true, false] }) };
}

/** Base class of loaders. A subclass implements `read`. */
export abstract class TemplateLoader {
  readonly #settings: ResolvedTemplateSettings;
  readonly #cache: boolean;
  readonly #files = new Map<string, TemplateFile>();
  readonly #templates = new Map<string, Template>();

  /** @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`. */
  constructor(options: LoaderOptions = {}) {
    const { cache, ...settings } = resolveLoaderOptions(options);
    this.#settings = settings;
    this.#cache = cache;
  }

  /**
   * Loads a template and all templates that it extends and includes.
   *
   * @param name - Path from the root, with `/` as separator.
   * @throws {@link TemplateError} `TEMPLATE_NOT_FOUND` if there is no such template inside the root; other codes if the text
   *   is invalid. {@link GaleError} `OPTION_VALUE` if `name` is not a string.
   */
  load(name: string): Template {
    assertString('name', name);
    if (name.startsWith('/')) throw outside(name);
    const path = this.#resolve(name, '');
    if (!this.#cache) this.reset();
    let template = this.#templates.get(path);
    if (template === undefined) {
      const resolve = (other: string, from: string): TemplateFile => this.#file(this.#resolve(other, from));
      template = new Template(this.#file(path), { ...this.#settings, resolve });
      this.#templates.set(path, template);
    }
    return template;
  }

  /** Clears the cache. Templates that were returned before do not change. */
  reset(): void {
    this.#files.clear();
    this.#templates.clear();
  }

  /**
   * Reads the text of one template.
   *
   * @param name - Path from the root, without `.` and `..`.
   * @returns The text, or `undefined` if there is no such template.
   */
  protected abstract read(name: string): string | undefined;

  #file(path: string): TemplateFile {
    let file = this.#files.get(path);
    if (file === undefined) {
      const source = this.read(path);
      if (source === undefined) throw new TemplateError('TEMPLATE_NOT_FOUND', `There is no template \`${path}\``);
      assertString('The text of a template', source);
      file = parseTemplate(source, path, this.#settings.whitespace);
      this.#files.set(path, file);
    }
    return file;
  }

  /** Resolves a name relative to the file `from`, or to the root if it starts with `/`. */
  #resolve(name: string, from: string): string {
    const path = posix.normalize(
      name.startsWith('/') ? name.replace(/^\/+/, '') : posix.join(posix.dirname(from), name),
    );
    // On Windows, a backslash or a drive could leave the root.
    if (path === '..' || path.startsWith('../') || /[\0\\]|^[A-Za-z]:/.test(path)) throw outside(name);
    return path;
  }
}

/**
 * Loads templates from a folder. Names and links that lead outside of it are errors.
 *
 * @example
 * ```ts
 * const loader = new Loader('templates');
 * loader.load('account/login.html').generate({ problem: null });
 * ```
 */
export class Loader extends TemplateLoader {
  /** The folder, as given. */
  readonly root: string;

  /** @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`. The folder is not read yet. */
  constructor(root: string, options: LoaderOptions = {}) {
    if (typeof root !== 'string' || root === '') throw wrongValue('root', 'the path of a folder', root);
    super(options);
    this.root = root;
  }

  protected override read(name: string): string | undefined {
    try {
      const root = realpathSync(this.root);
      const path = realpathSync(join(root, ...name.split('/')));
      if (path === root) return undefined;
      if (!path.startsWith(root.endsWith(sep) ? root : root + sep)) throw outside(name);
      return readFileSync(path, 'utf8');
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }
}

/** Loads templates from an object of texts by name, for tests and for pages inside a program. */
export class DictLoader extends TemplateLoader {
  readonly #texts: ReadonlyMap<string, string>;

  /**
   * @param texts - Texts by name; copied.
   * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
   */
  constructor(texts: Readonly<Record<string, string>>, options: LoaderOptions = {}) {
    assertTexts(texts);
    super(options);
    this.#texts = new Map(Object.entries(texts));
  }

  protected override read(name: string): string | undefined {
    return this.#texts.get(name);
  }
}

function assertTexts(texts: unknown): void {
  assertObject('texts', texts);
  for (const [name, text] of Object.entries(texts)) assertString(`The text of ${showText(name)}`, text);
}

function outside(name: string): TemplateError {
  return new TemplateError('TEMPLATE_NOT_FOUND', `Template \`${name}\` is outside of the loader's root`);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(?:ENOENT|ENOTDIR|EISDIR)$/.test(String(error.code));
}
