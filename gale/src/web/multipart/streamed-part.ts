/** The parts of a multipart form as they arrive, for handlers with `bodyMode = 'stream'`. */
import { Readable } from 'node:stream';
import { HttpError } from '../http-error.ts';
import type { FormMemory } from './multipart-form.ts';
import type { MultipartLimits } from './multipart-parser.ts';
import { MultipartReader, type IncomingPart } from './multipart-reader.ts';

/** Limits of streamed parts. */
export interface StreamLimits extends MultipartLimits {
  readonly maxFieldBytes: number;
  readonly maxFileBytes: number;
}

/** A field or a file of a form. Its content can be read once, while it is the current part. */
export class StreamedPart {
  /** Name of the field. */
  readonly name: string;
  /** Base name that the client gave the file; may be empty, untrusted. `undefined`: the part is an ordinary field. */
  readonly filename: string | undefined;
  /** Content-Type in lower case without parameters. Untrusted. */
  readonly type: string;
  readonly #part: IncomingPart;
  readonly #limits: StreamLimits;
  readonly #memory: FormMemory;
  #keptBytes = 0;

  /** Created for `handler.parts()` only. @internal */
  constructor(part: IncomingPart, memory: FormMemory, limits: StreamLimits) {
    this.#memory = memory;
    this.name = part.head.name;
    this.filename = part.head.filename;
    this.type = part.head.type;
    this.#part = part;
    this.#limits = limits;
  }

  /**
   * Iterates the content. Leaving the loop skips the rest.
   *
   * @throws {@link HttpError} 413 over `maxFileBytes`, for a field `maxFieldBytes`; 400 if the body is malformed or truncated.
   *   {@link GaleError} `WEB_PART` if the part was read before, or the loop over the parts has continued.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    const isFile = this.filename !== undefined;
    const limit = isFile ? 'maxFileBytes' : 'maxFieldBytes';
    let size = 0;
    for await (const piece of this.#part.content()) {
      size += piece.length;
      if (size > this.#limits[limit]) {
        const what = `The ${isFile ? 'file of' : 'field'} ${JSON.stringify(this.name)}`;
        throw new HttpError(413, undefined, {
          problem: { detail: `${what} is over ${this.#limits[limit]} bytes (${limit}).` },
        });
      }
      yield piece;
    }
  }

  /** The content as a stream of Node.js. */
  stream(): Readable {
    return Readable.from(this, { objectMode: false });
  }

  /**
   * Reads the content into memory. It counts for `maxBodyMemoryBytes` until the loop continues.
   *
   * @throws {@link GaleError} `HTTP_BODY_MEMORY` if the server has no memory left for it, `HTTP_BODY_TOO_LARGE` if it never has.
   */
  async bytes(): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this) {
      this.#memory.keepBytes(piece.length);
      this.#keptBytes += piece.length;
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  }

  /** The loop continues with the next part. @internal */
  pass(): void {
    this.#memory.dropBytes(this.#keptBytes);
    this.#keptBytes = 0;
  }

  /**
   * Reads the content as UTF-8 text.
   *
   * @throws {@link HttpError} 400 if it is not.
   */
  async text(): Promise<string> {
    const bytes = await this.bytes();
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (cause) {
      const detail = `The field ${JSON.stringify(this.name)} is not UTF-8.`;
      throw new HttpError(400, undefined, { problem: { detail }, cause });
    }
  }
}

/** Iterates the parts of a body. */
export async function* streamParts(
  source: AsyncIterable<Buffer>,
  memory: FormMemory,
  boundary: string | undefined,
  limits: StreamLimits,
): AsyncGenerator<StreamedPart> {
  const reader = new MultipartReader(source, boundary, limits);
  try {
    for (let part = await reader.next(); part !== undefined; part = await reader.next()) {
      const streamed = new StreamedPart(part, memory, limits);
      yield streamed;
      streamed.pass();
    }
  } finally {
    await reader.close();
  }
}
