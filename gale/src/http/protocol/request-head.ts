/**
 * Parses the head of a request (request line and header fields): strict, resumable at every byte, no I/O.
 * Heads and sections of header fields with the same bytes as earlier ones come from a cache. RFC 9112 §2-§5.
 */
import { ProtocolError } from '../../errors.ts';
import { CR, isTarget, isToken, LF, SPACE } from './characters.ts';
import { FieldSectionReader } from './field-section.ts';
import type { FieldSection } from './field-section.ts';
import { checkTransferEncoding, CLOSE, framing, KEEP_ALIVE, readExpectation } from './framing.ts';
import { HeadCache } from './head-cache.ts';
import { readTarget } from './target.ts';

/** Limits of a head. */
export interface HeadLimits {
  /** Maximum length of the request line in bytes, without its line end. */
  readonly maxRequestLineBytes: number;
  /** Maximum size of the head in bytes, request line and final empty line included. */
  readonly maxHeadBytes: number;
  /** Maximum number of header fields. */
  readonly maxHeaderCount: number;
}

/** The validated head of a request. Immutable; many requests may share it. */
export interface RequestHead {
  readonly method: string;
  /** The request target as sent. */
  readonly target: string;
  /** Path of the target, still percent-encoded; `*` for OPTIONS about the whole server, empty for CONNECT. */
  readonly path: string;
  /** The part of the target after its first `?`; may be empty. */
  readonly query: string;
  /** `1.1` also for a later version of HTTP/1. */
  readonly version: '1.0' | '1.1';
  /** Host and port in lower case: from an absolute or authority-form target, else from Host. Empty only in HTTP/1.0. */
  readonly host: string;
  readonly fields: FieldSection;
  /** Bytes of the body: 0 = none, undefined = chunked. */
  readonly declaredBytes: number | undefined;
  /** Whether the client allows the connection to stay open after the response. */
  readonly keepAlive: boolean;
  /** Whether the client waits for `100 Continue` before it sends the body. */
  readonly expectsContinue: boolean;
  /** Bytes of the head, including an empty line that was sent before it. */
  readonly byteLength: number;
}

/** Caches of one server. All readers that share them must have the same limits. */
export class HeadCaches {
  readonly heads: HeadCache<RequestHead> = new HeadCache();
  readonly sections: HeadCache<FieldSection> = new HeadCache();
}

/** Parser of one head after another. It keeps nothing of a head that it has returned. */
export class HeadReader {
  /** Bytes of the last returned head. */
  length = 0;
  /** Whether the head that is being parsed, or was rejected, is known to be of a HEAD request. */
  isHead = false;
  readonly #limits: HeadLimits;
  readonly #caches: HeadCaches;
  readonly #fields: FieldSectionReader;
  /** Whether an empty line came before the head, and its bytes (0 or 2) if they are still part of the input. */
  #hasLead = false;
  #lead = 0;
  #skipped = 0;
  #methodTo = 0;
  #targetTo = 0;
  #minorVersion = 1;
  /** Offset of the header fields from `start`; 0 until the request line is parsed. */
  #fieldsAt = 0;
  /** Whether the cache was asked for this head, and for its fields. */
  #isBegun = false;
  #isInFields = false;

  constructor(limits: HeadLimits, caches: HeadCaches = new HeadCaches()) {
    this.#limits = limits;
    this.#caches = caches;
    this.#fields = new FieldSectionReader(limits.maxHeaderCount);
  }

  /**
   * Continues parsing the head that begins at `start`.
   *
   * @param bytes - Not kept. After undefined, the next call must pass the same bytes, without those of {@link HeadReader.takeSkipped},
   * followed by more; only the new bytes are parsed.
   * @returns The head, with {@link HeadReader.length} set; undefined if `end` comes before the end of the head.
   * @throws {@link ProtocolError} At the first invalid byte; the reader cannot be used afterwards.
   */
  read(bytes: Buffer, start: number, end: number): RequestHead | undefined {
    if (!this.#isBegun) {
      const known = findCached(this.#caches.heads, bytes, start, end, this.length);
      if (known !== undefined) {
        this.length = known.byteLength;
        return known;
      }
      this.#isBegun = true;
    }
    if (this.#fieldsAt === 0 && !this.#readRequestLine(bytes, start, end)) return undefined;
    const section = this.#readFields(bytes, start, end);
    if (section === undefined) return undefined;
    const head = this.#finish(bytes, start, section);
    this.#caches.heads.offer(bytes, start, start + head.byteLength, head);
    this.length = head.byteLength;
    this.isHead = false;
    this.#isBegun = false;
    this.#isInFields = false;
    this.#fieldsAt = 0;
    this.#hasLead = false;
    this.#lead = 0;
    return head;
  }

  /**
   * After undefined: how many leading bytes the next call must leave out. These are the bytes of an empty line that arrived alone; no head
   * has begun yet.
   */
  takeSkipped(): number {
    const passed = this.#skipped;
    this.#skipped = 0;
    return passed;
  }

  #readRequestLine(bytes: Buffer, start: number, end: number): boolean {
    // "A server SHOULD ignore at least one empty line received prior to the request-line." (RFC 9112 §2.2): exactly one.
    if (!this.#hasLead && bytes[start] === CR) {
      if (start + 1 === end) return false;
      if (bytes[start + 1] !== LF) throw badLine('it begins with a bare CR');
      this.#hasLead = true;
      if (start + 2 === end) {
        this.#skipped = 2;
        return false;
      }
      this.#lead = 2;
    }
    const first = start + this.#lead;
    const limit = first + this.#limits.maxRequestLineBytes + 2;
    const stop = end < limit ? end : limit;
    let at = first;
    while (at < stop && isToken[bytes[at] as number] === 1) at++;
    if (at === stop) {
      if (end < limit) return false;
      throw new ProtocolError(
        'HTTP_METHOD',
        `The method is over ${this.#limits.maxRequestLineBytes} bytes; send a method that the server knows.`,
      );
    }
    this.isHead = at - first === 4 && isHeadMethod(bytes, first);
    if (bytes[at] !== SPACE || at === first) throw badLine('the method is not a token');
    this.#methodTo = at - first;
    const targetAt = ++at;
    while (at < stop && isTarget[bytes[at] as number] === 1) at++;
    if (at === stop) return this.#lineIncomplete(end, limit);
    if (bytes[at] !== SPACE || at === targetAt) throw badLine('the target is empty or contains an invalid character');
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
    // A later version of HTTP/1 is processed as HTTP/1.1 (RFC 9110 §2.5).
    if (major !== 1) {
      throw new ProtocolError('HTTP_VERSION', `HTTP/${major}.${this.#minorVersion} is not supported; use HTTP/1.1.`);
    }
    this.#fieldsAt = at - start;
    return true;
  }

  #lineIncomplete(end: number, limit: number): false {
    if (end < limit) return false;
    // A long unknown method is the fault, not the target after it (RFC 9112 §3).
    if (this.#methodTo > longestMethodBytes) {
      throw new ProtocolError(
        'HTTP_METHOD',
        `The method has ${this.#methodTo} bytes; send a method that the server knows.`,
      );
    }
    const { maxRequestLineBytes } = this.#limits;
    throw new ProtocolError(
      'HTTP_REQUEST_LINE_TOO_LONG',
      `The request line is over ${maxRequestLineBytes} bytes; send a shorter target.`,
    );
  }

  #readFields(bytes: Buffer, start: number, end: number): FieldSection | undefined {
    const { sections } = this.#caches;
    const { maxHeadBytes } = this.#limits;
    const from = start + this.#fieldsAt;
    const limit = start + this.#lead + maxHeadBytes;
    const stop = end < limit ? end : limit;
    // maxRequestLineBytes may be larger than maxHeadBytes.
    if (stop < from) throw headTooLarge(maxHeadBytes);
    if (!this.#isInFields) {
      this.#isInFields = true;
      const known = findCached(sections, bytes, from, stop, this.#fields.length);
      if (known !== undefined) return known;
    }
    const section = this.#fields.read(bytes, from, stop);
    if (section !== undefined) {
      sections.offer(bytes, from, from + section.byteLength, section);
    } else if (end >= limit) {
      throw headTooLarge(maxHeadBytes);
    }
    return section;
  }

  /** Combines request line and fields, and validates what depends on both. */
  #finish(bytes: Buffer, start: number, fields: FieldSection): RequestHead {
    const { hostCount, contentLength, transferEncoding, connection, expectation } = fields.notes;
    const isCurrent = this.#minorVersion >= 1;
    if (isCurrent && hostCount === 0) {
      throw new ProtocolError('HTTP_HOST', 'There is no Host header; HTTP/1.1 requires one.');
    }
    if (transferEncoding !== undefined) {
      if (contentLength >= 0) throw framing('both Content-Length and Transfer-Encoding are present');
      if (!isCurrent) throw framing('HTTP/1.0 has no Transfer-Encoding');
      checkTransferEncoding(transferEncoding);
    }
    // HTTP/1.0 ignores the field (RFC 9110 §10.1.1).
    const expects = isCurrent && expectation !== undefined && readExpectation(expectation);
    const first = start + this.#lead;
    const line = bytes.toString('latin1', first, first + this.#targetTo);
    const method = methodOf(line, this.#methodTo);
    const target = line.substring(this.#methodTo + 1);
    const declaredBytes = transferEncoding === undefined ? Math.max(contentLength, 0) : undefined;
    let path = target;
    let query = '';
    let targetAuthority: string | undefined;
    let mayStay = true;
    if (target.charCodeAt(0) === 0x2f && method !== 'CONNECT') {
      const mark = target.indexOf('?');
      if (mark >= 0) {
        path = target.substring(0, mark);
        query = target.substring(mark + 1);
      }
    } else {
      ({ path, query, authority: targetAuthority } = readTarget(method, target));
      // "A CONNECT request message does not have content" (RFC 9110 §9.3.6): the following bytes are either a body or meant for the tunnel.
      mayStay = method !== 'CONNECT';
      if (!mayStay && declaredBytes !== 0) throw framing('CONNECT has no body');
    }
    const host = (targetAuthority ?? fields.notes.host).toLowerCase();
    // An http URI without a host is invalid (RFC 9110 §4.2.1), and the server may reject the request for it (RFC 9112 §3.3).
    if (isCurrent && host === '') throw new ProtocolError('HTTP_HOST', 'The Host header is empty; name the host.');
    return {
      method,
      target,
      path,
      query,
      version: isCurrent ? '1.1' : '1.0',
      host,
      fields,
      declaredBytes,
      // The bytes after CONNECT may be meant for the other end of a tunnel, so they are never parsed as a request.
      keepAlive: mayStay && (isCurrent ? (connection & CLOSE) === 0 : connection === KEEP_ALIVE),
      expectsContinue: expects && declaredBytes !== 0,
      byteLength: this.#fieldsAt + fields.byteLength,
    };
  }
}

/**
 * Looks up the head or section that begins at `from`. Its end is unknown before it is parsed. Mostly it ends with the received bytes; if
 * several requests arrived together, it probably has the length of the previous one.
 */
function findCached<T>(cache: HeadCache<T>, bytes: Buffer, from: number, end: number, length: number): T | undefined {
  const known = length === 0 || from + length >= end ? undefined : cache.find(bytes, from, from + length);
  return known ?? cache.find(bytes, from, end);
}

/** A method that is longer is unknown for certain; the longest registered one has 17 bytes. */
const longestMethodBytes = 64;

const versionBytes: Uint8Array = new TextEncoder().encode('HTTP/1.1\r\n');

/** The method; for GET and POST the constant, which compares faster. */
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

function isHeadMethod(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0x48 && bytes[at + 1] === 0x45 && bytes[at + 2] === 0x41 && bytes[at + 3] === 0x44;
}

function headTooLarge(maxHeadBytes: number): ProtocolError {
  return new ProtocolError('HTTP_HEAD_TOO_LARGE', `The head is over ${maxHeadBytes} bytes; send fewer headers.`);
}

function badLine(why: string): ProtocolError {
  return new ProtocolError('HTTP_REQUEST_LINE', `Malformed request line: ${why}.`);
}
