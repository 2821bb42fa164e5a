/**
 * Parses a chunked body: strict, resumable at every byte, without copies. RFC 9112 §7.1.
 * Whitespace around `;` and `=` of chunk extensions is accepted (§7.1.1), but none before the CR of a line.
 */
import { ProtocolError } from '../../errors.ts';
import { CR, hexValue, isFieldValue, isToken, isWhitespace, LF } from './characters.ts';
import { TrailerReader } from './trailers.ts';
import type { TrailerLimits } from './trailers.ts';

/** Limit in bytes for all chunk extensions of one body. Nothing reads them. */
const maxExtensionBytes = 16 * 1024;
/** Limit for the digits of a chunk size, leading zeros included; 14 digits hold every safe integer. */
const maxSizeDigits = 16;

const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

type State =
  | 'size'
  | 'extension'
  | 'extension-name'
  | 'extension-named'
  | 'extension-value'
  | 'extension-token'
  | 'extension-quoted'
  | 'extension-escaped'
  | 'extension-end'
  | 'extension-next'
  | 'size-lf'
  | 'data'
  | 'data-cr'
  | 'data-lf'
  | 'trailers'
  | 'done';

/** Parser of one chunked body, from the first chunk size to the empty line after the trailers. */
export class ChunkedReader {
  readonly #limits: TrailerLimits;
  #state: State = 'size';
  /** Size of the chunk while its line is parsed, then its remaining bytes. */
  #size = 0;
  #digits = 0;
  #extensionBytes = 0;
  #trailers: TrailerReader | undefined;
  /** Bytes of body data directly before the position that {@link ChunkedReader.read} returned. */
  dataLength = 0;

  constructor(limits: TrailerLimits) {
    this.#limits = limits;
  }

  /** Whether the body is complete. */
  get done(): boolean {
    return this.#state === 'done';
  }

  /**
   * Parses `bytes` from `start` to `end`, until there is data or the body is complete.
   *
   * @returns Where parsing stopped: after {@link ChunkedReader.dataLength} bytes of data, else at `end` or at the first byte after the body.
   * @throws {@link ProtocolError} At the first invalid byte.
   */
  read(bytes: Buffer, start: number, end: number): number {
    let at = start;
    this.dataLength = 0;
    while (at < end && this.#state !== 'done') {
      if (this.#state === 'data') {
        this.dataLength = Math.min(end - at, this.#size);
        this.#size -= this.dataLength;
        if (this.#size === 0) this.#state = 'data-cr';
        return at + this.dataLength;
      }
      this.#take(bytes[at++] as number);
    }
    return at;
  }

  #take(byte: number): void {
    switch (this.#state) {
      case 'size':
        return this.#takeSize(byte);
      case 'size-lf':
        if (byte !== LF) throw bad('a CR is not followed by LF');
        this.#state = this.#size === 0 ? 'trailers' : 'data';
        return;
      case 'data-cr':
        if (byte !== CR) throw bad('a chunk is longer than its size');
        this.#state = 'data-lf';
        return;
      case 'data-lf':
        if (byte !== LF) throw bad('a CR is not followed by LF');
        this.#state = 'size';
        this.#digits = 0;
        return;
      case 'trailers':
        this.#trailers ??= new TrailerReader(this.#limits);
        if (this.#trailers.take(byte)) this.#state = 'done';
        return;
      default:
        this.#takeExtension(byte);
    }
  }

  #takeSize(byte: number): void {
    const digit = hexValue[byte] as number;
    if (digit < 16) {
      this.#size = this.#digits === 0 ? digit : this.#size * 16 + digit;
      if (++this.#digits > maxSizeDigits || this.#size > Number.MAX_SAFE_INTEGER) throw bad('a size is too large');
    } else if (this.#digits === 0 || !this.#endsExtension(byte)) {
      throw bad('a size is not hexadecimal');
    }
  }

  /** Changes the state if `byte` follows a size, or an extension whose name or value is complete. */
  #endsExtension(byte: number): boolean {
    if (byte === CR) this.#state = 'size-lf';
    else if (byte === SEMICOLON) this.#state = 'extension';
    else if (isWhitespace(byte)) this.#state = 'extension-next';
    else return false;
    return true;
  }

  #takeExtension(byte: number): void {
    if (++this.#extensionBytes > maxExtensionBytes) throw bad(`extensions are over ${maxExtensionBytes} bytes`);
    switch (this.#state) {
      case 'extension':
        if (isToken[byte] === 1) this.#state = 'extension-name';
        else if (!isWhitespace(byte)) throw bad('an extension is empty');
        return;
      case 'extension-name':
        if (isToken[byte] === 1) return;
        if (byte === EQUALS) this.#state = 'extension-value';
        else if (isWhitespace(byte)) this.#state = 'extension-named';
        else if (!this.#endsExtension(byte)) throw bad('an extension is not a token');
        return;
      case 'extension-named':
        if (byte === EQUALS) this.#state = 'extension-value';
        else if (byte === SEMICOLON) this.#state = 'extension';
        else if (!isWhitespace(byte)) throw bad('whitespace is not followed by ; or =');
        return;
      case 'extension-value':
        if (byte === QUOTE) this.#state = 'extension-quoted';
        else if (isToken[byte] === 1) this.#state = 'extension-token';
        else if (!isWhitespace(byte)) throw bad('the value of an extension is empty');
        return;
      case 'extension-token':
        if (isToken[byte] !== 1 && !this.#endsExtension(byte)) throw bad('an extension is not a token');
        return;
      case 'extension-quoted':
        if (byte === QUOTE) this.#state = 'extension-end';
        else if (byte === BACKSLASH) this.#state = 'extension-escaped';
        else if (isFieldValue[byte] !== 1) throw bad('an extension contains a control character');
        return;
      case 'extension-escaped':
        if (isFieldValue[byte] !== 1) throw bad('an extension contains a control character');
        this.#state = 'extension-quoted';
        return;
      case 'extension-next':
        // Never the end of the line: parsers disagree about whitespace there.
        if (byte === SEMICOLON) this.#state = 'extension';
        else if (!isWhitespace(byte)) throw bad('whitespace is not followed by ;');
        return;
      default:
        if (!this.#endsExtension(byte)) throw bad('the value of an extension is followed by other characters');
    }
  }
}

function bad(why: string): ProtocolError {
  return new ProtocolError('HTTP_CHUNK', `Malformed chunked body: ${why}.`);
}
