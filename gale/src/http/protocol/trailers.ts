/**
 * Validates the trailer section after a chunked body, byte by byte, and discards it. Trailers may be discarded (RFC 9110 §6.5.1), and no
 * trailer may change what a proxy in front has understood of the request.
 */
import { ProtocolError } from '../../errors.ts';
import { COLON, CR, isFieldValue, isToken, LF } from './characters.ts';

/** Limits of a trailer section. */
export interface TrailerLimits {
  /** Maximum size of the section in bytes. */
  readonly maxHeadBytes: number;
  /** Maximum number of trailer fields. */
  readonly maxHeaderCount: number;
}

/** Names that a trailer must not have, because they frame, route or authenticate a message. RFC 9110 §6.5.1. */
const forbidden: ReadonlySet<string> = new Set([
  'authorization',
  'connection',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'cookie',
  'expect',
  'host',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Parser of one trailer section, from the first byte after the line of the last chunk to the empty line. */
export class TrailerReader {
  readonly #limits: TrailerLimits;
  #state: 'start' | 'name' | 'value' | 'lf' | 'last-lf' = 'start';
  #name = '';
  #bytes = 0;
  #count = 0;

  constructor(limits: TrailerLimits) {
    this.#limits = limits;
  }

  /**
   * Parses the next byte.
   *
   * @returns Whether it was the last of the section.
   * @throws {@link ProtocolError} `HTTP_HEADER` or `HTTP_HEAD_TOO_LARGE`.
   */
  take(byte: number): boolean {
    if (++this.#bytes > this.#limits.maxHeadBytes) throw tooLarge(`${this.#limits.maxHeadBytes} bytes`);
    switch (this.#state) {
      case 'start':
        this.#name = '';
        if (byte === CR) {
          this.#state = 'last-lf';
          return false;
        }
        this.#state = 'name';
        return this.#takeName(byte);
      case 'name':
        return this.#takeName(byte);
      case 'value':
        if (byte === CR) this.#state = 'lf';
        else if (isFieldValue[byte] !== 1) throw bad('a value contains a control character');
        return false;
      case 'lf':
      case 'last-lf':
        if (byte !== LF) throw bad('a CR is not followed by LF');
        if (this.#state === 'last-lf') return true;
        this.#state = 'start';
        return false;
    }
  }

  #takeName(byte: number): false {
    if (isToken[byte] === 1) {
      // No forbidden name is longer; the rest of the name does not matter.
      if (this.#name.length < 32) this.#name += String.fromCharCode(byte);
      return false;
    }
    if (byte !== COLON || this.#name === '') throw bad('a name is not a token');
    if (forbidden.has(this.#name.toLowerCase())) throw bad(`${this.#name} is not allowed in a trailer`);
    if (++this.#count > this.#limits.maxHeaderCount) throw tooLarge(`${this.#limits.maxHeaderCount} fields`);
    this.#state = 'value';
    return false;
  }
}

function bad(why: string): ProtocolError {
  return new ProtocolError('HTTP_HEADER', `Malformed trailer: ${why}.`);
}

function tooLarge(limit: string): ProtocolError {
  return new ProtocolError('HTTP_HEAD_TOO_LARGE', `The trailers are over ${limit}; send fewer.`);
}
