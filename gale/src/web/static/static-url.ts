/**
 * URLs of static files: prefix, path and the version of the current content, `/static/app.css?v=…`.
 * Caches may keep such a URL permanently, since different content has a different URL.
 */
import { join } from 'node:path';
import { assertNames, readChoices, wrongValue } from '../../run/given-options.ts';
import type { Logger } from '../../run/log.ts';
import type { FileCache } from './file-cache.ts';
import type { FileVersions } from './file-versions.ts';
import { encodePath } from '../percent-encoding.ts';

/** Options of `staticUrl`. */
export interface StaticUrlOptions {
  /** Whether the URL starts with scheme and host. @defaultValue false */
  readonly includeHost?: boolean;
  /** Whether the URL has the version. @defaultValue true */
  readonly includeVersion?: boolean;
}

/** The static files of an application. */
export class StaticFiles {
  /** Versions of files, also of files outside of the folder `staticPath`. */
  readonly versions: FileVersions;
  /** Small files in memory. */
  readonly cache: FileCache;
  readonly #root: string | undefined;
  readonly #prefix: string;
  readonly #log: () => Logger;

  /**
   * @param root - Folder of the files. Left out: URLs have no versions.
   * @param prefix - Percent-encoded, with a slash at both ends.
   * @param log - The log of the application at the time of an error.
   */
  constructor(
    root: string | undefined,
    prefix: string,
    log: () => Logger,
    { versions, cache }: Pick<StaticFiles, 'versions' | 'cache'>,
  ) {
    this.versions = versions;
    this.cache = cache;
    this.#root = root;
    this.#prefix = prefix;
    this.#log = log;
  }

  /** The same files for an application that is mounted at a path. */
  below(path: string): StaticFiles {
    return new StaticFiles(this.#root, path + this.#prefix, this.#log, this);
  }

  /** URL of a file. If the file cannot be read, this logs the error and the URL has no version. */
  url(path: string, options: StaticUrlOptions = {}): string {
    // Browsers remove dot segments before they send a path.
    if (typeof path !== 'string' || /(?:^|[/\\])\.{1,2}(?:[/\\]|$)/.test(path)) {
      throw wrongValue('path of a static URL', 'a path without the segments . and ..', path);
    }
    assertNames('static URL', options, ['includeHost', 'includeVersion']);
    const { includeVersion } = readChoices(options, { includeHost: [false, true], includeVersion: [true, false] });
    // Browsers read two slashes as the start of a host.
    const url = (this.#prefix + encodePath(path)).replace(/^\/\//, '/%2F');
    if (!includeVersion || this.#root === undefined) return url;
    try {
      return `${url}?v=${this.versions.current(join(this.#root, path))}`;
    } catch (error) {
      this.#log().error({ err: error, path }, 'The version of a static file cannot be computed');
      return url;
    }
  }
}
