/**
 * The file that a store has open, by its place: notices that somebody removed or replaced it under the running server.
 * What is written then goes to a file without a name and is lost at the next start.
 */
import { stat } from 'node:fs/promises';
import { GaleError } from '../errors.ts';

/** A file by path, device and inode. */
export class OpenedFile {
  readonly #path: string;
  readonly #id: string | undefined;

  private constructor(path: string, id: string | undefined) {
    this.#path = path;
    this.#id = id;
  }

  /** Remembers which file is at `path` now. */
  static async at(path: string): Promise<OpenedFile> {
    return new OpenedFile(path, await idOf(path));
  }

  /** @throws {@link GaleError} `ROOM_UNAVAILABLE` if another file or none is there now. */
  async assertInPlace(): Promise<void> {
    if ((await idOf(this.#path)) === this.#id) return;
    throw new GaleError(
      'ROOM_UNAVAILABLE',
      `The file ${this.#path} was removed or replaced while it was open; put it back or start the server again.`,
    );
  }
}

async function idOf(path: string): Promise<string | undefined> {
  const file = await stat(path, { bigint: true }).catch(() => undefined);
  return file && `${file.dev}:${file.ino}`;
}
