/**
 * Reads the head of a request (request line and header fields) from bytes: strict, resumable at every byte, no I/O.
 * One pass over the bytes checks every character; one string is made of the whole head, and all else is cut from it when asked for.
 * RFC 9112 §2-§5.
 */
import { ProtocolError } from '../errors.ts';
import { COLON, CR, isFieldValue, isHostName, isTarget, isToken, LF, SPACE, TAB } from './character-class.ts';
import { checkTransferEncoding, CLOSE, connectionOptions, framing, KEEP_ALIVE, readContentLength } from './framing.ts';
import { isAuthority, readTarget } from './target.ts';

/** Sizes that a head may have. */
export interface HeadLimits {
  /** Longest request line in bytes, without its line end. */
  readonly maxRequestLineBytes: number;
  /** Largest head in bytes, request line and final empty line included. */
  readonly maxHeadBytes: number;
  /** Most header fields. */
  readonly maxHeaderCount: number;
}

/** The head of one request; everything in it was checked. */
export interface RequestHead {
  readonly method: string;
  /** The request target as sent. */
  readonly target: string;
  /** Path of the target, still percent-encoded. */
  readonly path: string;
  /** What stands behind the target's first `?`; empty if nothing does. */
  readonly query: string;
  readonly version: '1.0' | '1.1';
  /** Host and port that the target itself names, in absolute and authority form; otherwise undefined. */
  readonly targetAuthority: string | undefined;
  /** The whole head, each byte one character. */
  readonly text: string;
  /** Where the first header field begins in `text`. */
  readonly fieldsAt: number;
  /** Where the value of Host begins and ends in `text`; equal if there is none. */
  readonly hostFrom: number;
  readonly hostTo: number;
  /** Bytes of the body: 0 = none, undefined = chunked. */
  readonly declaredBytes: number | undefined;
  /** Whether the client lets the connection stay open after the answer. */
  readonly keepAlive: boolean;
  /** Whether the client waits for `100 Continue` before it sends the body. */
  readonly expectsContinue: boolean;
}

/** Reads heads one after the other. Between heads it holds nothing of the one before. */
export class HeadReader {
  /** Bytes that the head returned last took, an empty line in front of it included. */
  length = 0;
  readonly #limits: HeadLimits;
  /** Bytes of an empty line in front of the head: 0 or 2. */
  #lead = 0;
  /** What comes next: the request line, a header's name or a header's value. */
  #expects: 'line' | 'name' | 'value' = 'line';
  /** First byte not yet looked at; this and the next two count from the first byte of the input. */
  #at = 0;
  #nameAt = 0;
  #colonAt = 0;
  #methodTo = 0;
  #targetTo = 0;
  #minorVersion = 1;
  #fieldsAt = 0;
  #fieldCount = 0;
  #hostCount = 0;
  #hostFrom = 0;
  #hostTo = 0;
  #contentLength = -1;
  #transferEncoding: string | undefined;
  #connection = 0;
  #expectation: string | undefined;

  constructor(limits: HeadLimits) {
    this.#limits = limits;
  }

  /**
   * Reads on in a head that begins at `start`.
   *
   * @param bytes - Not kept. After undefined, the next call must bring the same bytes again with more behind them; only those are looked at.
   * @returns The head, and its {@link HeadReader.length}; undefined while `bytes` ends before the head does.
   * @throws {@link ProtocolError} At the first byte that breaks a rule; the reader is of no use afterwards.
   */
  read(bytes: Buffer, start: number, end: number): RequestHead | undefined {
    if (this.#expects === 'line' && !this.#readRequestLine(bytes, start, end)) return undefined;
    return this.#readFields(bytes, start, end) ? this.#finish(bytes, start) : undefined;
  }

  #readRequestLine(bytes: Buffer, start: number, end: number): boolean {
    // "A server SHOULD ignore at least one empty line received prior to the request-line." (RFC 9112 §2.2): exactly one.
    if (this.#lead === 0 && bytes[start] === CR) {
      if (start + 1 === end) return false;
      if (bytes[start + 1] !== LF) throw badLine('it begins with a bare CR');
      this.#lead = 2;
    }
    const first = start + this.#lead;
    const limit = first + this.#limits.maxRequestLineBytes + 2;
    const stop = end < limit ? end : limit;
    let at = first;
    while (at < stop && isToken[bytes[at] as number] === 1) at++;
    if (at === stop) return this.#lineIncomplete(end, limit);
    if (bytes[at] !== SPACE || at === first) throw badLine('the method is not a token');
    this.#methodTo = at - first;
    const targetAt = ++at;
    while (at < stop && isTarget[bytes[at] as number] === 1) at++;
    if (at === stop) return this.#lineIncomplete(end, limit);
    if (bytes[at] !== SPACE || at === targetAt) throw badLine('the target is empty or holds what a target may not');
    this.#targetTo = at - first;
    at++;
    // "HTTP/1." as two 32-bit comparisons would need alignment; eight byte loads cost the same.
    for (let index = 0; index < 10; index++, at++) {
      if (at === stop) return this.#lineIncomplete(end, limit);
      const byte = bytes[at] as number;
      if (byte === versionBytes[index]) continue;
      if ((index !== 5 && index !== 7) || byte < 0x30 || byte > 0x39) throw badLine('the version is not HTTP/1.1');
    }
    const major = (bytes[at - 5] as number) - 0x30;
    this.#minorVersion = (bytes[at - 3] as number) - 0x30;
    if (major !== 1 || this.#minorVersion > 1) {
      throw new ProtocolError('HTTP_VERSION', `HTTP/${major}.${this.#minorVersion} is not spoken here; use HTTP/1.1.`);
    }
    this.#fieldsAt = at - first;
    this.#at = at - start;
    this.#nameAt = this.#at;
    this.#expects = 'name';
    return true;
  }

  #lineIncomplete(end: number, limit: number): false {
    if (end < limit) return false;
    const { maxRequestLineBytes } = this.#limits;
    throw new ProtocolError(
      'HTTP_REQUEST_LINE_TOO_LONG',
      `The request line is over ${maxRequestLineBytes} bytes; send a shorter target.`,
    );
  }

  #readFields(bytes: Buffer, start: number, end: number): boolean {
    const limit = start + this.#lead + this.#limits.maxHeadBytes;
    const stop = end < limit ? end : limit;
    let at = start + this.#at;
    let nameAt = start + this.#nameAt;
    let colonAt = start + this.#colonAt;
    let expectsValue = this.#expects === 'value';
    for (;;) {
      if (!expectsValue) {
        while (at < stop && isToken[bytes[at] as number] === 1) at++;
        if (at === stop) break;
        if (bytes[at] !== COLON) {
          if (bytes[at] !== CR || at !== nameAt) throw badName(bytes, nameAt, at);
          if (at + 1 === stop) break;
          if (bytes[at + 1] !== LF) throw badField('a CR is not followed by LF');
          this.length = at + 2 - start;
          return true;
        }
        if (at === nameAt) throw badField('a name is empty');
        colonAt = at++;
        expectsValue = true;
      }
      while (at < stop && isFieldValue[bytes[at] as number] === 1) at++;
      if (at === stop) break;
      if (bytes[at] !== CR) throw badField('a value holds a control character');
      if (at + 1 === stop) break;
      if (bytes[at + 1] !== LF) throw badField('a CR is not followed by LF');
      if (++this.#fieldCount > this.#limits.maxHeaderCount) {
        const { maxHeaderCount } = this.#limits;
        throw new ProtocolError('HTTP_HEAD_TOO_LARGE', `The head has over ${maxHeaderCount} headers; send fewer.`);
      }
      this.#note(bytes, start + this.#lead, nameAt, colonAt, at);
      at += 2;
      nameAt = at;
      expectsValue = false;
    }
    if (end >= limit) {
      const { maxHeadBytes } = this.#limits;
      throw new ProtocolError('HTTP_HEAD_TOO_LARGE', `The head is over ${maxHeadBytes} bytes; send fewer headers.`);
    }
    this.#at = at - start;
    this.#nameAt = nameAt - start;
    this.#colonAt = colonAt - start;
    this.#expects = expectsValue ? 'value' : 'name';
    return false;
  }

  /** Looks at one whole field; only those that say how to go on with the connection are told apart, first by their length. */
  #note(bytes: Buffer, first: number, nameAt: number, colonAt: number, valueTo: number): void {
    const nameLength = colonAt - nameAt;
    if (nameLength > 17 || lengthMatters[nameLength] === 0) return;
    let from = colonAt + 1;
    let to = valueTo;
    while (from < to && isBlank(bytes[from] as number)) from++;
    while (to > from && isBlank(bytes[to - 1] as number)) to--;
    if (nameLength === 4) {
      if (isNamed(bytes, nameAt, hostName)) this.#noteHost(bytes, first, from, to);
    } else if (nameLength === 10) {
      if (isNamed(bytes, nameAt, connectionName)) this.#connection |= connectionOptions(latin1(bytes, from, to));
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

  #finish(bytes: Buffer, start: number): RequestHead {
    const isCurrent = this.#minorVersion === 1;
    if (isCurrent && this.#hostCount === 0) {
      throw new ProtocolError('HTTP_HOST', 'There is no Host header; HTTP/1.1 requires one.');
    }
    if (this.#transferEncoding !== undefined) {
      if (this.#contentLength >= 0) throw framing('Content-Length and Transfer-Encoding are both there');
      if (!isCurrent) throw framing('HTTP/1.0 has no Transfer-Encoding');
      checkTransferEncoding(this.#transferEncoding);
    }
    // "A server that receives an Expect field value containing a member other than 100-continue MAY respond with 417";
    // in HTTP/1.0 the field means nothing (RFC 9110 §10.1.1).
    const expects = isCurrent && this.#expectation !== undefined;
    if (expects && this.#expectation?.toLowerCase() !== '100-continue') {
      throw new ProtocolError('HTTP_EXPECTATION', 'The request expects something other than 100-continue.');
    }
    const text = latin1(bytes, start + this.#lead, start + this.length);
    const method = methodOf(text, this.#methodTo);
    const target = text.substring(this.#methodTo + 1, this.#targetTo);
    const declaredBytes =
      this.#transferEncoding === undefined ? (this.#contentLength > 0 ? this.#contentLength : 0) : undefined;
    let path = target;
    let query = '';
    let targetAuthority: string | undefined;
    if (target.charCodeAt(0) === 0x2f && method !== 'CONNECT') {
      const mark = target.indexOf('?');
      if (mark >= 0) {
        path = target.substring(0, mark);
        query = target.substring(mark + 1);
      }
    } else {
      ({ path, query, authority: targetAuthority } = readTarget(method, target));
    }
    const head: RequestHead = {
      method,
      target,
      path,
      query,
      version: isCurrent ? '1.1' : '1.0',
      targetAuthority,
      text,
      fieldsAt: this.#fieldsAt,
      hostFrom: this.#hostFrom,
      hostTo: this.#hostTo,
      declaredBytes,
      keepAlive: isCurrent ? (this.#connection & CLOSE) === 0 : this.#connection === KEEP_ALIVE,
      expectsContinue: expects && declaredBytes !== 0,
    };
    this.#reset();
    return head;
  }

  #reset(): void {
    this.#lead = 0;
    this.#expects = 'line';
    this.#at = 0;
    this.#fieldCount = 0;
    this.#hostCount = 0;
    this.#hostFrom = 0;
    this.#hostTo = 0;
    this.#contentLength = -1;
    this.#transferEncoding = undefined;
    this.#connection = 0;
    this.#expectation = undefined;
  }
}

const versionBytes: Uint8Array = new TextEncoder().encode('HTTP/1.1\r\n');
const hostName: Uint8Array = new TextEncoder().encode('host');
const connectionName: Uint8Array = new TextEncoder().encode('connection');
const contentLengthName: Uint8Array = new TextEncoder().encode('content-length');
const transferEncodingName: Uint8Array = new TextEncoder().encode('transfer-encoding');
const expectName: Uint8Array = new TextEncoder().encode('expect');
/** For each length up to 17, whether a header name of that length may be one of the five above. */
const lengthMatters: Uint8Array = new Uint8Array(18);
for (const name of [hostName, connectionName, contentLengthName, transferEncodingName, expectName]) {
  lengthMatters[name.length] = 1;
}

/** Whether the token at `at`, of the same length as `name`, is `name` in any case; `name` holds lower case and `-`. */
function isNamed(bytes: Buffer, at: number, name: Uint8Array): boolean {
  for (let index = 0; index < name.length; index++) {
    // 0x20 turns upper into lower case; among token characters nothing else becomes a letter or `-` by it.
    if (((bytes[at + index] as number) | 0x20) !== name[index]) return false;
  }
  return true;
}

/** Whether the bytes are a plain name or IPv4 address with or without a port, or nothing; what is not plain may still be valid. */
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

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

function latin1(bytes: Buffer, from: number, to: number): string {
  return bytes.toString('latin1', from, to);
}

/** The method as one of the constants everyone compares with, where it is one. */
function methodOf(text: string, length: number): string {
  const method = text.substring(0, length);
  switch (method) {
    case 'GET':
      return 'GET';
    case 'POST':
      return 'POST';
    default:
      return method;
  }
}

function badLine(why: string): ProtocolError {
  return new ProtocolError('HTTP_REQUEST_LINE', `Malformed request line: ${why}.`);
}

function badField(why: string): ProtocolError {
  return new ProtocolError('HTTP_HEADER', `Malformed header: ${why}.`);
}

function badName(bytes: Buffer, nameAt: number, at: number): ProtocolError {
  const byte = bytes[at] as number;
  if (at === nameAt && isBlank(byte)) return badField('a line begins with space (obsolete line folding)');
  if (isBlank(byte)) return badField('there is space before a colon');
  return badField('a name is not a token');
}
