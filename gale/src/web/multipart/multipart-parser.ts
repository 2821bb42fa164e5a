/**
 * Splits the bytes of a multipart body into parts (RFC 2046 §5.1): bytes in, calls of a listener out. `Dicer` of @fastify/busboy finds the
 * boundaries. It is used without its streams, which would delay and queue; here every byte has left before `push` returns. What Dicer
 * ignores is an error here: a truncated body, a part without a complete head, a head over its limit, a boundary with other characters after it.
 * No I/O.
 */
import { Dicer } from '@fastify/busboy';
import { BoundaryLines } from './boundary-lines.ts';
import { malformed, readPartHead, type PartFields, type PartHead } from './part-head.ts';

/** Limits of a multipart body. */
export interface MultipartLimits {
  readonly maxParts: number;
  readonly maxPartHeaderBytes: number;
}

/** Receives the parts, one after the other. */
export interface PartListener {
  onPart(head: PartHead): void;
  /** @param bytes - Owned by the listener. */
  onData(bytes: Buffer): void;
  onPartEnd(): void;
}

/** Further header fields of a part are an error. */
const maxPartFields = 16;
/** Dicer emits views of a buffer that it overwrites, at most as long as a boundary. Such pieces are copied. */
const maxReusedBytes = 256;

/** The parser of one body. */
export class MultipartParser {
  readonly #dicer: Dicer;
  readonly #boundaries: BoundaryLines;
  readonly #limits: MultipartLimits;
  readonly #listener: PartListener;
  #partCount = 0;
  /** Whether the head of the last part has not ended. */
  #isInHead = false;
  #isComplete = false;
  #failure: { readonly error: unknown } | undefined;

  /**
   * @param boundary - The parameter of the Content-Type.
   * @throws {@link HttpError} 400 if the boundary is missing or malformed.
   */
  constructor(boundary: string | undefined, limits: MultipartLimits, listener: PartListener) {
    // RFC 2046 §5.1.1.
    if (boundary === undefined || !/^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/.test(boundary)) {
      throw malformed('its Content-Type has no valid boundary');
    }
    this.#limits = limits;
    this.#listener = listener;
    this.#boundaries = new BoundaryLines(boundary);
    const config: Dicer.Config & { readonly maxHeaderSize: number } = {
      boundary,
      maxHeaderPairs: maxPartFields + 1,
      // Over the limit by more than what is not counted, so that a truncated head is over it too.
      maxHeaderSize: limits.maxPartHeaderBytes + 4 * (maxPartFields + 2),
    };
    this.#dicer = new Dicer(config);
    this.#dicer.on('part', (part: Dicer.PartStream) => this.#guard(() => this.#beginPart(part)));
    this.#dicer.on('finish', () => {
      this.#isComplete = true;
    });
  }

  /** Whether the last boundary was read. Bytes after it are ignored. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** @throws {@link HttpError} 400 for a malformed part, and what the listener throws. Afterwards the parser must not be used. */
  push(bytes: Buffer): void {
    if (!this.#isComplete) {
      const wrongAt = this.#boundaries.push(bytes, (piece) => this.#dicer.write(piece));
      // After what is wrong before it.
      if (wrongAt >= 0) this.#failure ??= { error: malformed('a boundary has other characters after it') };
    }
    if (this.#isComplete && this.#isInHead) this.#failure ??= { error: incompleteHead() };
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** @throws {@link HttpError} 400 if the body is truncated. */
  end(): void {
    if (!this.#isComplete) throw malformed('it ends before its last boundary');
  }

  #beginPart(part: Dicer.PartStream): void {
    if (this.#isInHead) throw incompleteHead();
    this.#isInHead = true;
    this.#partCount++;
    const { maxParts } = this.#limits;
    if (this.#partCount > maxParts) throw malformed(`it has more than ${maxParts} parts (maxParts)`);
    part.on('header', (fields) => this.#guard(() => this.#endHead(fields as PartFields)));
    part.push = (bytes: Buffer | null) => {
      if (bytes !== null) this.#guard(() => this.#listener.onData(owned(bytes)));
      else {
        if (!this.#isInHead) this.#guard(() => this.#listener.onPartEnd());
        // Dicer waits for it.
        part.emit('end');
      }
      return true;
    };
  }

  #endHead(fields: PartFields): void {
    const sizes = Object.entries(fields).map(([name, values = []]) =>
      values.reduce((size, value) => size + name.length + value.length + 4, 0),
    );
    const { maxPartHeaderBytes } = this.#limits;
    if (sizes.reduce((sum, size) => sum + size, 0) > maxPartHeaderBytes) {
      throw malformed(`the head of a part is over ${maxPartHeaderBytes} bytes (maxPartHeaderBytes)`);
    }
    if (Object.values(fields).reduce((count, values = []) => count + values.length, 0) > maxPartFields) {
      throw malformed(`the head of a part has more than ${maxPartFields} fields`);
    }
    const head = readPartHead(fields);
    this.#isInHead = false;
    this.#listener.onPart(head);
  }

  /** Nothing may be thrown through Dicer. After the first failure nothing is called. */
  #guard(call: () => void): void {
    if (this.#failure !== undefined) return;
    try {
      call();
    } catch (error) {
      this.#failure = { error };
    }
  }
}

function owned(bytes: Buffer): Buffer {
  return bytes.length > maxReusedBytes ? bytes : Buffer.from(bytes);
}

function incompleteHead(): Error {
  return malformed('the head of a part does not end');
}
