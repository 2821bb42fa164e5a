/**
 * Names of static files for pages: prefix, path, and the version of what the file says now, `/static/app.css?v=…`.
 * Such a URL may be cached for ever, since another content has another URL.
 */
import { join } from 'node:path';
import type { Logger } from '../../run/log.ts';
import { FileVersions } from './file-versions.ts';
import { encodePath } from '../percent-encoding.ts';

/** Options of `staticUrl`. */
export interface StaticUrlOptions {
  /** Whether scheme and host stand in front. @defaultValue false */
  readonly includeHost?: boolean;
  /** Whether the version is added. @defaultValue true */
  readonly includeVersion?: boolean;
}

/** The static files of an application. */
export class StaticFiles {
  /** Versions of files, of this folder and any other. */
  readonly versions: FileVersions;
  readonly #root: string | undefined;
  readonly #prefix: string;
  readonly #log: Logger;

  /** @param root - Folder; without it, URLs have no versions. */
  constructor(root: string | undefined, prefix: string, log: Logger, isDebug: boolean) {
    this.versions = new FileVersions(isDebug);
    this.#root = root;
    this.#prefix = prefix;
    this.#log = log;
  }

  /** URL of a file. One that cannot be read is logged and gets no version. */
  url(path: string, { includeVersion = true }: StaticUrlOptions = {}): string {
    const url = this.#prefix + encodePath(path);
    if (!includeVersion || this.#root === undefined) return url;
    try {
      return `${url}?v=${this.versions.current(join(this.#root, path))}`;
    } catch (error) {
      this.#log.error({ err: error, path }, 'The version of a static file cannot be made');
      return url;
    }
  }
}
