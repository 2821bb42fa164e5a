/**
 * The identity of the file that the store opened. It detects that the file was removed or replaced while the server runs:
 * later writes would go to a file without a name and be lost at the next start.
 */
import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { GaleError } from 'gale';

/** A file, identified by path, device and inode. */
export class OpenedFile {
  readonly #path: string;
  readonly #id: string;

  /** Remembers the file that is at `path` now. */
  constructor(path: string) {
    this.#path = path;
    this.#id = idOf(statSync(path, { bigint: true }));
  }

  /** @throws {@link GaleError} `ROOM_UNAVAILABLE` if another file or no file is at the path. */
  async assertInPlace(): Promise<void> {
    const file = await stat(this.#path, { bigint: true }).catch(() => undefined);
    if (file && idOf(file) === this.#id) return;
    throw new GaleError(
      'ROOM_UNAVAILABLE',
      `The file ${this.#path} was removed or replaced while it was open; put it back or start the server again.`,
    );
  }
}

function idOf({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): string {
  return `${dev}:${ino}`;
}
