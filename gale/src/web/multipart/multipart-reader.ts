/**
 * Reads the parts of a multipart body one after the other. The body is read only as fast as the parts are: the next piece of it is taken
 * when somebody waits for more of the current part, or for the next one.
 */
import { GaleError } from '../../errors.ts';
import { MultipartParser, type MultipartLimits } from './multipart-parser.ts';
import type { PartHead } from './part-head.ts';

/** A part whose content arrives while it is read. */
export interface IncomingPart {
  readonly head: PartHead;
  /**
   * The content, once. Leaving the loop early skips the rest.
   *
   * @throws {@link HttpError} 400 if the body is malformed or truncated; {@link GaleError} `WEB_PART` if the part was read or passed before.
   */
  content(): AsyncIterable<Buffer>;
}

/** The parts of one body. */
export class MultipartReader {
  readonly #source: AsyncIterator<Buffer>;
  readonly #parser: MultipartParser;
  /** Parts whose heads have arrived and that were not returned yet. */
  readonly #arrived: Part[] = [];
  #last: Part | undefined;
  #current: Part | undefined;
  #isPulling = false;
  #isEnded = false;

  /** @throws {@link HttpError} 400 if the boundary is missing or malformed. */
  constructor(source: AsyncIterable<Buffer>, boundary: string | undefined, limits: MultipartLimits) {
    this.#parser = new MultipartParser(boundary, limits, {
      onPart: (head) => {
        this.#last = new Part(head, () => this.#pull());
        this.#arrived.push(this.#last);
      },
      onData: (bytes) => this.#last?.push(bytes),
      onPartEnd: () => this.#last?.end(),
    });
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Returns the next part; `undefined` after the last. What was not read of the part before is skipped. */
  async next(): Promise<IncomingPart | undefined> {
    if (this.#isPulling)
      throw partError('The next part was requested while a part is being read; await the read first.');
    const previous = this.#current;
    this.#current = undefined;
    await previous?.skip();
    while (this.#arrived.length === 0 && !this.#isEnded) await this.#pull();
    this.#current = this.#arrived.shift();
    return this.#current;
  }

  /** Ends the source before its end. */
  async close(): Promise<void> {
    this.#current?.pass();
    await this.#source.return?.();
  }

  async #pull(): Promise<void> {
    if (this.#isPulling) throw partError('Two reads of a part overlap; await one before the other.');
    this.#isPulling = true;
    try {
      const { value, done } = await this.#source.next();
      if (done !== true) return this.#parser.push(value);
      this.#isEnded = true;
      this.#parser.end();
    } finally {
      this.#isPulling = false;
    }
  }
}

class Part implements IncomingPart {
  readonly head: PartHead;
  readonly #pull: () => Promise<void>;
  #pieces: Buffer[] = [];
  #state: 'unread' | 'reading' | 'read' | 'passed' = 'unread';
  #isEnded = false;

  constructor(head: PartHead, pull: () => Promise<void>) {
    this.head = head;
    this.#pull = pull;
  }

  push(bytes: Buffer): void {
    if (this.#state !== 'passed') this.#pieces.push(bytes);
  }

  end(): void {
    this.#isEnded = true;
  }

  /** Drops what has arrived and what still comes. */
  pass(): void {
    this.#state = 'passed';
    this.#pieces = [];
  }

  /** Reads and drops the rest. */
  async skip(): Promise<void> {
    this.pass();
    while (!this.#isEnded) await this.#pull();
  }

  async *content(): AsyncGenerator<Buffer> {
    this.#begin();
    for (;;) {
      const pieces = this.#pieces;
      this.#pieces = [];
      for (const piece of pieces) {
        yield piece;
        this.#assertCurrent();
      }
      if (this.#pieces.length > 0) continue;
      if (this.#isEnded) break;
      await this.#pull();
      this.#assertCurrent();
    }
    this.#state = 'read';
  }

  #begin(): void {
    this.#assertCurrent();
    if (this.#state !== 'unread') throw partError(`The part ${JSON.stringify(this.head.name)} was already read.`);
    this.#state = 'reading';
  }

  #assertCurrent(): void {
    if (this.#state !== 'passed') return;
    const name = JSON.stringify(this.head.name);
    throw partError(`The part ${name} has passed; read a part before the loop continues to the next.`);
  }
}

function partError(message: string): GaleError {
  return new GaleError('WEB_PART', message);
}
