/** A file of a multipart form, in memory or in a temporary file, until its response is complete or it is moved. */
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, copyFile, constants, link, open, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { GaleError } from '../../errors.ts';
import { assertFilledString, assertInteger, assertNames, readChoices } from '../../run/given-options.ts';
import type { PartHead } from './part-head.ts';
import { releaseTemporaryBytes } from './temporary-files.ts';
import { releaseUploadMemory } from './upload-memory.ts';

/** Options of {@link UploadedFile.moveTo}. */
export interface MoveOptions {
  /** Whether to replace a file that exists. @defaultValue false */
  readonly overwrite?: boolean;
  /** Permissions of the file. @defaultValue 0o600: only the user of the server can read it */
  readonly mode?: number;
}

/** Where the bytes are. */
export type FileContent = { readonly bytes: Buffer } | { readonly path: string };

/** A file that a client uploaded. */
export class UploadedFile {
  /** Name of the field. */
  readonly name: string;
  /** Base name that the client gave the file, at most 255 characters; may be empty. Untrusted: do not use it as a path. */
  readonly filename: string;
  /** Content-Type that the client gave it, in lower case without parameters. Untrusted: the bytes may be something else. */
  readonly type: string;
  /** Size in bytes. */
  readonly size: number;
  #content: FileContent;
  #state: 'temporary' | 'moving' | 'moved' | 'removed' = 'temporary';
  /** Whether the response ended during a move. */
  #isUnwanted = false;

  /** Created for `handler.files` only. @internal */
  constructor({ name, filename = '', type }: PartHead, content: FileContent, size: number) {
    this.name = name;
    this.filename = filename;
    this.type = type;
    this.size = size;
    this.#content = content;
  }

  /** Whether the bytes are in memory, not in a file. */
  get isInMemory(): boolean {
    return 'bytes' in this.#content;
  }

  /** Streams the bytes. Can be called again. */
  stream(): Readable {
    this.#assertKept('stream');
    const content = this.#content;
    return 'bytes' in content ? Readable.from([content.bytes], { objectMode: false }) : createReadStream(content.path);
  }

  /** Reads the bytes into memory. */
  async bytes(): Promise<Buffer> {
    this.#assertKept('bytes');
    return 'bytes' in this.#content ? this.#content.bytes : readFile(this.#content.path);
  }

  /** Reads the text, which must be UTF-8. A byte order mark is dropped. */
  async text(): Promise<string> {
    return new TextDecoder('utf-8', { fatal: true }).decode(await this.bytes());
  }

  /**
   * Moves the file to a path, where it stays. The file appears there whole or not at all. Afterwards the other methods read it there.
   * Without `overwrite`, on a file system without hard links such as FAT, it is copied, and others can see a part of it until the copy ends.
   *
   * @param path - A path of your own, not one made of `filename`.
   * @throws {@link GaleError} `WEB_FILE` if it was moved or removed before. An error with the code `EEXIST` if there is a file and `overwrite` is
   *   not set; other errors of the file system.
   */
  async moveTo(path: string, options: MoveOptions = {}): Promise<void> {
    assertFilledString('path', path);
    assertNames('moveTo', options, ['overwrite', 'mode']);
    const { overwrite } = readChoices(options, { overwrite: [false, true] });
    const { mode = 0o600 } = options;
    assertInteger('mode', mode, 0, 0o777);
    if (this.#state !== 'temporary') throw this.#stateError('moveTo');
    this.#state = 'moving';
    const content = this.#content;
    try {
      if ('bytes' in content) await placeBytes(content.bytes, path, mode, overwrite);
      else await placeFile(content.path, path, mode, overwrite);
    } catch (error) {
      this.#state = 'temporary';
      if (this.#isUnwanted) await this.remove();
      throw error;
    }
    this.#state = 'moved';
    this.#content = { path };
    this.#release(content);
  }

  /** Removes it, unless it was moved. @internal */
  async remove(): Promise<void> {
    this.#isUnwanted = true;
    if (this.#state !== 'temporary') return;
    this.#state = 'removed';
    const content = this.#content;
    this.#content = { bytes: Buffer.alloc(0) };
    if ('path' in content) await rm(content.path, { force: true });
    this.#release(content);
  }

  /** The bytes are no longer counted. */
  #release(content: FileContent): void {
    if ('path' in content) releaseTemporaryBytes(this.size);
    else releaseUploadMemory(this.size);
  }

  #assertKept(method: string): void {
    if (this.#state === 'removed') throw this.#stateError(method);
  }

  #stateError(method: string): GaleError {
    const why = {
      temporary: '',
      moving: 'while it is moved',
      moved: 'after it was moved',
      removed: 'after the response; move the file before it ends',
    }[this.#state];
    return new GaleError(
      'WEB_FILE',
      `${method}() of the uploaded file ${JSON.stringify(this.name)} was called ${why}.`,
    );
  }
}

/** A neighbor of `path` that nobody else uses: a rename from there is atomic. */
function neighborOf(path: string): string {
  return `${path}.${randomBytes(8).toString('hex')}.part`;
}

async function placeBytes(bytes: Buffer, path: string, mode: number, overwrite: boolean): Promise<void> {
  const neighbor = neighborOf(path);
  try {
    await writeFile(neighbor, bytes, { flag: 'wx', mode: 0o600 });
    await place(neighbor, path, mode, overwrite);
  } catch (error) {
    await rm(neighbor, { force: true });
    throw error;
  }
}

async function placeFile(from: string, path: string, mode: number, overwrite: boolean): Promise<void> {
  const neighbor = neighborOf(path);
  const isRenamed = await renameOnDevice(from, neighbor);
  try {
    if (!isRenamed) await copyFile(from, neighbor, constants.COPYFILE_EXCL);
    await place(neighbor, path, mode, overwrite);
  } catch (error) {
    if (isRenamed) await rename(neighbor, from);
    else await rm(neighbor, { force: true });
    throw error;
  }
  if (!isRenamed) await rm(from, { force: true });
}

/** @returns Whether both paths are on one device, so that the file was renamed. */
async function renameOnDevice(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EXDEV') return false;
    throw error;
  }
}

async function place(neighbor: string, path: string, mode: number, overwrite: boolean): Promise<void> {
  await chmod(neighbor, mode);
  if (overwrite) return rename(neighbor, path);
  // Unlike a rename it never replaces a file.
  if (!(await linkTo(neighbor, path))) await copyNew(neighbor, path, mode);
  await unlink(neighbor);
}

/** @returns Whether the file system has hard links, so that the file is at both paths. */
async function linkTo(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (noLinks.includes(code)) return false;
    throw error;
  }
}

/** What file systems without hard links answer: FAT, and some of networks and of user space. */
const noLinks: readonly string[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** Copies to a path where no file is. `wx` creates it or fails, in one step, so that two copies never write to one file. */
async function copyNew(from: string, to: string, mode: number): Promise<void> {
  const file = await open(to, 'wx', mode);
  try {
    try {
      await file.writeFile(createReadStream(from));
      // The mask of the process may have removed bits.
      await file.chmod(mode);
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(to, { force: true });
    throw error;
  }
}
