/**
 * Reads the head of a handshake response from bytes: strict, resumable at every byte, no I/O.
 * RFC 9112 §4 (status line) and §5 (fields).
 */
import { GaleError, ProtocolError } from '../../errors.ts';
import { isFieldValueText } from '../../http/protocol/characters.ts';
import { FieldSectionReader } from '../../http/protocol/field-section.ts';
import type { HeaderList } from '../../http/protocol/header-list.ts';

/** Status and headers of a handshake response. */
export interface HandshakeResponse {
  readonly version: '1.0' | '1.1';
  /** 101, or 200 to 599. */
  readonly status: number;
  readonly headers: HeaderList;
}

const maxHeaderCount = 100;
/** The space before the reason phrase is required by RFC 9112 §4, but some servers omit it. */
const statusLinePattern = /^HTTP\/(1\.[01]) ([1-5]\d\d)(?: (.*))?$/;

/** Reads one response and skips informational ones before it, such as 103. */
export class HandshakeResponseReader {
  readonly #maxHeadBytes: number;
  #input: Buffer = Buffer.alloc(0);
  /** Start of the current head, and of its fields after the status line was read. */
  #start = 0;
  #fieldsAt = 0;
  #version: HandshakeResponse['version'] = '1.1';
  #status = 0;
  #fields = new FieldSectionReader(maxHeaderCount);

  /** @param maxHeadBytes - Largest head, including informational responses before it. */
  constructor(maxHeadBytes: number) {
    this.#maxHeadBytes = maxHeadBytes;
  }

  /** Bytes received after the head. */
  get rest(): Buffer {
    return this.#input.subarray(this.#start);
  }

  /**
   * Adds received bytes.
   *
   * @param bytes - Owned by the reader from now on; {@link HandshakeResponseReader.rest} is a view of them.
   * @returns `undefined` while the head is not complete.
   * @throws {@link GaleError} `WS_BAD_RESPONSE`. Do not use the reader again then.
   */
  push(bytes: Buffer): HandshakeResponse | undefined {
    this.#input = this.#input.length === 0 ? bytes : Buffer.concat([this.#input, bytes]);
    let head = this.#read();
    while (head !== undefined && head.status < 200 && head.status !== 101) head = this.#read();
    if ((head === undefined ? this.#input.length : this.#start) > this.#maxHeadBytes) {
      throw malformed(`has a head over maxHeadBytes (${this.#maxHeadBytes})`);
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
    if (match === null || !isFieldValueText(match[3] ?? '')) throw malformed('has no status line of HTTP/1.1');
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
  return new GaleError('WS_BAD_RESPONSE', `The response to a WebSocket handshake ${why}.`, { cause });
}
