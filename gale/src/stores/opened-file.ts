/**
 * Detects that the file of a store was removed or replaced while the server runs.
 * Writes would then go to a file without a name, and would be lost at the next start.
 */
import { stat } from 'node:fs/promises';
import { GaleError } from '../errors.ts';

/** A file, identified by its path, device and inode. */
export class OpenedFile {
  readonly #path: string;
  readonly #id: string | undefined;

  private constructor(path: string, id: string | undefined) {
    this.#path = path;
    this.#id = id;
  }

  /** Remembers the file that is at `path` now. */
  static async at(path: string): Promise<OpenedFile> {
    return new OpenedFile(path, await idOf(path));
  }

  /** @throws {@link GaleError} `ROOM_UNAVAILABLE` if the path has another file now, or none. */
  async assertInPlace(): Promise<void> {
    if ((await idOf(this.#path)) === this.#id) return;
    throw new GaleError(
      'ROOM_UNAVAILABLE',
      `The file ${this.#path} was removed or replaced while it was open; restore it or restart the server.`,
    );
  }
}

async function idOf(path: string): Promise<string | undefined> {
  const file = await stat(path, { bigint: true }).catch(() => undefined);
  return file && `${file.dev}:${file.ino}`;
}
