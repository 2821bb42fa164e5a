/**
 * Reads the head of the answer to a client's handshake from bytes: strict, resumable at every byte, no I/O.
 * RFC 9112 §4 (status line) and §5 (fields).
 */
import { GaleError, ProtocolError } from '../../errors.ts';
import { FieldSectionReader } from '../../http/protocol/field-section.ts';
import type { HeaderList } from '../../http/protocol/header-list.ts';

/** Status line and fields of an answer. */
export interface HandshakeResponse {
  readonly version: '1.0' | '1.1';
  /** 101, or 200 to 599. */
  readonly status: number;
  readonly headers: HeaderList;
}

const maxHeaderCount = 100;
/** "A server MUST send the space that separates the status-code from the reason-phrase"; not all do. */
const statusLinePattern = /^HTTP\/(1\.[01]) ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;

/** Reads one answer. Of those before it that only inform, such as 103, nothing is told. */
export class HandshakeResponseReader {
  readonly #maxHeadBytes: number;
  #input: Buffer = Buffer.alloc(0);
  /** Where the head that is being read begins, and where its fields do, once its status line was read. */
  #start = 0;
  #fieldsAt = 0;
  #version: HandshakeResponse['version'] = '1.1';
  #status = 0;
  #fields = new FieldSectionReader(maxHeaderCount);

  /** @param maxHeadBytes - Largest answer, with all heads before it that only inform. */
  constructor(maxHeadBytes: number) {
    this.#maxHeadBytes = maxHeadBytes;
  }

  /** Bytes that came behind the head; for who got it. */
  get rest(): Buffer {
    return this.#input.subarray(this.#start);
  }

  /**
   * Reads on.
   *
   * @param bytes - From now on the reader's, and then of whoever takes {@link HandshakeResponseReader.rest}.
   * @returns `undefined` while the head is not complete.
   * @throws {@link GaleError} `WS_BAD_ANSWER`; the reader is of no use afterwards.
   */
  push(bytes: Buffer): HandshakeResponse | undefined {
    this.#input = this.#input.length === 0 ? bytes : Buffer.concat([this.#input, bytes]);
    let head = this.#read();
    while (head !== undefined && head.status < 200 && head.status !== 101) head = this.#read();
    if ((head === undefined ? this.#input.length : this.#start) > this.#maxHeadBytes) {
      throw malformed(`is over maxHeadBytes (${this.#maxHeadBytes})`);
    }
    return head;
  }

  #read(): HandshakeResponse | undefined {
    if (this.#fieldsAt === 0 && !this.#readStatusLine()) return undefined;
    const section = this.#readFields();
    if (section === undefined) return undefined;
    this.#start = this.#fieldsAt + section.byteLength;
    this.#fieldsAt = 0;
    return { version: this.#version, status: this.#status, headers: section.headers };
  }

  #readStatusLine(): boolean {
    const end = this.#input.indexOf('\r\n', this.#start);
    if (end < 0) return false;
    const line = this.#input.toString('latin1', this.#start, end);
    const match = statusLinePattern.exec(line);
    if (match === null) throw malformed('does not begin with the status line of HTTP/1.1');
    this.#version = match[1] === '1.0' ? '1.0' : '1.1';
    this.#status = Number(match[2]);
    this.#fieldsAt = end + 2;
    return true;
  }

  #readFields(): ReturnType<FieldSectionReader['read']> {
    try {
      return this.#fields.read(this.#input, this.#fieldsAt, this.#input.length);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      throw malformed('has malformed headers', error);
    }
  }
}

function malformed(why: string, cause?: unknown): GaleError {
  return new GaleError('WS_BAD_ANSWER', `The answer to a WebSocket handshake ${why}.`, { cause });
}
