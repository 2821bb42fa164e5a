/**
 * Parses a section of header fields: strict, resumable at every byte, no I/O. One pass checks every character and notes the five fields that
 * control the connection, and whether the request has preconditions. All other fields are split on first use. RFC 9112 §5.
 */
import { ProtocolError } from '../../errors.ts';
import { COLON, CR, isFieldValue, isHostName, isToken, isWhitespace, LF } from './characters.ts';
import { connectionOptions, framing, KEEP_ALIVE, readContentLength } from './framing.ts';
import { HeaderList } from './header-list.ts';
import { isAuthority } from './target.ts';

/** The fields of a section that the server itself needs. */
interface Notes {
  /** How many Host fields there are: 0 or 1. */
  readonly hostCount: number;
  /** Value of Host as sent; empty without Host. */
  readonly host: string;
  /** Value of Content-Length; -1 without it. */
  readonly contentLength: number;
  /** Values of Transfer-Encoding, joined by a comma; undefined without it. */
  readonly transferEncoding: string | undefined;
  /** Flags of Connection, see `connectionOptions`. */
  readonly connection: number;
  /** Values of Expect, joined by a comma; undefined without it. */
  readonly expectation: string | undefined;
  /** Whether one of the preconditions is present: every GET asks for them, and few requests have any. RFC 9110 §13.1. */
  readonly isConditional: boolean;
}

/** One parsed section of header fields. Immutable; many requests may share it. */
export class FieldSection {
  readonly notes: Notes;
  /** Bytes of the section, its empty line included. */
  readonly byteLength: number;
  /** The section with its empty line; each character is one byte. */
  readonly text: string;
  #headers: HeaderList | undefined;

  constructor(text: string, notes: Notes) {
    this.text = text;
    this.byteLength = text.length;
    this.notes = notes;
  }

  /** The fields. */
  get headers(): HeaderList {
    return (this.#headers ??= new HeaderList(this.text));
  }
}

/** Parser of one section after another. It keeps nothing of a section that it has returned. */
export class FieldSectionReader {
  /** Bytes of the last returned section, its empty line included. */
  length = 0;
  readonly #maxCount: number;
  /** Offset of the first unparsed byte. This and the next two offsets count from the first byte of the section. */
  #at = 0;
  #nameAt = 0;
  #colonAt = 0;
  #expectsValue = false;
  #count = 0;
  #hostCount = 0;
  #hostFrom = 0;
  #hostTo = 0;
  #contentLength = -1;
  #transferEncoding: string | undefined;
  #connection = 0;
  #expectation: string | undefined;
  #isConditional = false;

  /** @param maxCount - Maximum number of fields in a section. */
  constructor(maxCount: number) {
    this.#maxCount = maxCount;
  }

  /**
   * Continues parsing the section that begins at `start`.
   *
   * @param bytes - Not kept. After undefined, the next call must pass the same bytes followed by more; only the new bytes are parsed.
   * @returns The section, with {@link FieldSectionReader.length} set; undefined if `end` comes before the end of the section.
   * @throws {@link ProtocolError} At the first invalid byte; the reader cannot be used afterwards.
   */
  read(bytes: Buffer, start: number, end: number): FieldSection | undefined {
    if (!this.#scan(bytes, start, end)) return undefined;
    const section = new FieldSection(latin1(bytes, start, start + this.length), {
      hostCount: this.#hostCount,
      host: this.#hostTo === this.#hostFrom ? '' : latin1(bytes, start + this.#hostFrom, start + this.#hostTo),
      contentLength: this.#contentLength,
      transferEncoding: this.#transferEncoding,
      connection: this.#connection,
      expectation: this.#expectation,
      isConditional: this.#isConditional,
    });
    this.#reset();
    return section;
  }

  #scan(bytes: Buffer, start: number, end: number): boolean {
    let at = start + this.#at;
    let nameAt = start + this.#nameAt;
    let colonAt = start + this.#colonAt;
    let expectsValue = this.#expectsValue;
    for (;;) {
      if (!expectsValue) {
        while (at < end && isToken[bytes[at] as number] === 1) at++;
        if (at === end) break;
        if (bytes[at] !== COLON) {
          if (bytes[at] !== CR || at !== nameAt) throw badName(bytes, nameAt, at);
          if (at + 1 === end) break;
          if (bytes[at + 1] !== LF) throw badField('a CR is not followed by LF');
          this.length = at + 2 - start;
          return true;
        }
        if (at === nameAt) throw badField('a name is empty');
        colonAt = at++;
        expectsValue = true;
      }
      while (at < end && isFieldValue[bytes[at] as number] === 1) at++;
      if (at === end) break;
      if (bytes[at] !== CR) throw badField('a value contains a control character');
      if (at + 1 === end) break;
      if (bytes[at + 1] !== LF) throw badField('a CR is not followed by LF');
      if (++this.#count > this.#maxCount) {
        throw new ProtocolError('HTTP_HEAD_TOO_LARGE', `The head has over ${this.#maxCount} headers; send fewer.`);
      }
      this.#note(bytes, start, nameAt, colonAt, at);
      at += 2;
      nameAt = at;
      expectsValue = false;
    }
    this.#at = at - start;
    this.#nameAt = nameAt - start;
    this.#colonAt = colonAt - start;
    this.#expectsValue = expectsValue;
    return false;
  }

  /** Notes a complete field if it is one of the nine. The length of the name excludes most other fields. */
  #note(bytes: Buffer, first: number, nameAt: number, colonAt: number, valueTo: number): void {
    const nameLength = colonAt - nameAt;
    if (nameLength > 19 || lengthMatters[nameLength] === 0) return;
    const condition = conditions[nameLength];
    if (condition !== undefined) {
      if (isNamed(bytes, nameAt, condition)) this.#isConditional = true;
      // Transfer-Encoding has the length of If-Modified-Since.
      if (nameLength !== transferEncodingName.length) return;
    }
    let from = colonAt + 1;
    let to = valueTo;
    while (from < to && isWhitespace(bytes[from] as number)) from++;
    while (to > from && isWhitespace(bytes[to - 1] as number)) to--;
    if (nameLength === 4) {
      if (isNamed(bytes, nameAt, hostName)) this.#noteHost(bytes, first, from, to);
    } else if (nameLength === 10) {
      if (isNamed(bytes, nameAt, connectionName)) {
        // Nearly always this one word; only other values need a string.
        if (to - from === 10 && isNamed(bytes, from, keepAliveName)) this.#connection |= KEEP_ALIVE;
        else this.#connection |= connectionOptions(latin1(bytes, from, to));
      }
    } else if (nameLength === 14) {
      if (isNamed(bytes, nameAt, contentLengthName)) {
        const length = readContentLength(bytes, from, to);
        if (this.#contentLength >= 0 && this.#contentLength !== length) throw framing('two lengths are declared');
        this.#contentLength = length;
      }
    } else if (nameLength === 17) {
      if (isNamed(bytes, nameAt, transferEncodingName)) {
        const value = latin1(bytes, from, to);
        this.#transferEncoding = this.#transferEncoding === undefined ? value : `${this.#transferEncoding},${value}`;
      }
    } else if (isNamed(bytes, nameAt, expectName)) {
      const value = latin1(bytes, from, to);
      this.#expectation = this.#expectation === undefined ? value : `${this.#expectation},${value}`;
    }
  }

  #noteHost(bytes: Buffer, first: number, from: number, to: number): void {
    if (++this.#hostCount > 1) throw new ProtocolError('HTTP_HOST', 'There is more than one Host header; send one.');
    this.#hostFrom = from - first;
    this.#hostTo = to - first;
    if (isPlainHost(bytes, from, to)) return;
    if (!isAuthority(latin1(bytes, from, to))) {
      throw new ProtocolError('HTTP_HOST', 'The Host header is not a host with or without a port.');
    }
  }

  #reset(): void {
    this.#at = 0;
    this.#nameAt = 0;
    this.#expectsValue = false;
    this.#count = 0;
    this.#hostCount = 0;
    this.#hostFrom = 0;
    this.#hostTo = 0;
    this.#contentLength = -1;
    this.#transferEncoding = undefined;
    this.#connection = 0;
    this.#expectation = undefined;
    this.#isConditional = false;
  }
}

const hostName: Uint8Array = new TextEncoder().encode('host');
const connectionName: Uint8Array = new TextEncoder().encode('connection');
const keepAliveName: Uint8Array = new TextEncoder().encode('keep-alive');
const contentLengthName: Uint8Array = new TextEncoder().encode('content-length');
const transferEncodingName: Uint8Array = new TextEncoder().encode('transfer-encoding');
const expectName: Uint8Array = new TextEncoder().encode('expect');
/** For each length up to 19: whether one of the five names above or of the preconditions has that length. */
const lengthMatters: Uint8Array = new Uint8Array(20);
for (const name of [hostName, connectionName, contentLengthName, transferEncodingName, expectName]) {
  lengthMatters[name.length] = 1;
}
/** The names of the preconditions, by their lengths, which differ. If-Range matters only with Range. */
const conditions: (Uint8Array | undefined)[] = Array.from({ length: 20 }, () => undefined);
for (const text of ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since']) {
  conditions[text.length] = new TextEncoder().encode(text);
  lengthMatters[text.length] = 1;
}

/** Whether the bytes at `at` are `name` in any case. `name` consists of lower-case letters and `-`. */
function isNamed(bytes: Buffer, at: number, name: Uint8Array): boolean {
  for (let index = 0; index < name.length; index++) {
    // 0x20 turns upper into lower case. No other byte of a token becomes a letter or `-` by it.
    if (((bytes[at + index] as number) | 0x20) !== name[index]) return false;
  }
  return true;
}

/** Whether the bytes are a plain name or IPv4 address with or without a port, or empty. Other values may still be valid. */
function isPlainHost(bytes: Buffer, from: number, to: number): boolean {
  let at = from;
  while (at < to && isHostName[bytes[at] as number] === 1) at++;
  if (at === to) return true;
  if (bytes[at] !== COLON || at === from || to - at > 6) return false;
  let port = 0;
  for (at++; at < to; at++) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) return false;
    port = port * 10 + digit;
  }
  return port <= 65535;
}

function latin1(bytes: Buffer, from: number, to: number): string {
  return bytes.toString('latin1', from, to);
}

function badField(why: string): ProtocolError {
  return new ProtocolError('HTTP_HEADER', `Malformed header: ${why}.`);
}

function badName(bytes: Buffer, nameAt: number, at: number): ProtocolError {
  const byte = bytes[at] as number;
  if (at === nameAt && isWhitespace(byte)) return badField('a line begins with space (obsolete line folding)');
  if (isWhitespace(byte)) return badField('there is space before a colon');
  return badField('a name is not a token');
}
