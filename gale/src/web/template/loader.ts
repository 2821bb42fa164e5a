/**
 * Where templates come from: a folder, or an object of texts. A loader reads each file once, compiles each template
 * once, and gives out no file from outside its root.
 */
import { readFileSync, realpathSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { assertNames } from '../../run/given-options.ts';
import type { TemplateFile } from './parse.ts';
import { parseTemplate } from './parse.ts';
import type { TemplateSettings } from './template.ts';
import { assertTemplateSettings, Template, templateSettingNames } from './template.ts';
import { TemplateError } from './template-error.ts';

/** Options of a loader. */
export interface LoaderOptions extends TemplateSettings {
  /** Whether a template is read and compiled once, or at every `load` (while it is being written). @defaultValue true */
  readonly cache?: boolean | undefined;
}

/** What all loaders do; one kind of loader adds `read`. */
export abstract class TemplateLoader {
  readonly #settings: TemplateSettings;
  readonly #cache: boolean;
  readonly #files = new Map<string, TemplateFile>();
  readonly #templates = new Map<string, Template>();

  constructor(options: LoaderOptions = {}) {
    assertNames('loader', options, [...templateSettingNames, 'cache']);
    assertTemplateSettings(options);
    const { cache = true, ...settings } = options;
    this.#settings = settings;
    this.#cache = cache;
  }

  /**
   * Loads a template with all that it extends and includes.
   *
   * @param name - Path from the root, with `/` between its parts.
   * @throws {@link TemplateError} `TEMPLATE_NOT_FOUND` if there is none, or the name leads out of the root; others if its
   *   text is wrong.
   */
  load(name: string): Template {
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

  /** Forgets what was loaded; templates that are already held stay as they are. */
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
      file = parseTemplate(source, path, this.#settings.whitespace);
      this.#files.set(path, file);
    }
    return file;
  }

  /** Makes a path from the root of a name that is relative to the file `from`, or to the root if it starts with `/`. */
  #resolve(name: string, from: string): string {
    const path = posix.normalize(
      name.startsWith('/') ? name.replace(/^\/+/, '') : posix.join(posix.dirname(from), name),
    );
    // A backslash or a drive would be a way out on Windows.
    if (path === '..' || path.startsWith('../') || /[\0\\]|^[A-Za-z]:/.test(path)) throw outside(name);
    return path;
  }
}

/**
 * Loads templates from a folder. A name, or a link in the folder, that leads out of it is treated as an error.
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

  constructor(root: string, options: LoaderOptions = {}) {
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

/** Loads templates from an object of texts by name; for tests and for pages that are part of a program. */
export class DictLoader extends TemplateLoader {
  readonly #texts: ReadonlyMap<string, string>;

  /** @param texts - Texts by name; copied. */
  constructor(texts: Readonly<Record<string, string>>, options: LoaderOptions = {}) {
    super(options);
    this.#texts = new Map(Object.entries(texts));
  }

  protected override read(name: string): string | undefined {
    return this.#texts.get(name);
  }
}

function outside(name: string): TemplateError {
  return new TemplateError('TEMPLATE_NOT_FOUND', `Template \`${name}\` is outside of the loader's root`);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(?:ENOENT|ENOTDIR|EISDIR)$/.test(String(error.code));
}
