/**
 * Reads the head of a request (request line and header fields) from bytes: strict, resumable at every byte, no I/O.
 * Heads and sections of fields that came before are known again by their bytes. RFC 9112 §2-§5.
 */
import { ProtocolError } from '../../errors.ts';
import { CR, isTarget, isToken, LF, SPACE } from './characters.ts';
import { FieldSectionReader } from './field-section.ts';
import type { FieldSection } from './field-section.ts';
import { checkTransferEncoding, CLOSE, framing, KEEP_ALIVE, readExpectation } from './framing.ts';
import { HeadCache } from './head-cache.ts';
import { readTarget } from './target.ts';

/** Sizes that a head may have. */
export interface HeadLimits {
  /** Longest request line in bytes, without its line end. */
  readonly maxRequestLineBytes: number;
  /** Largest head in bytes, request line and final empty line included. */
  readonly maxHeadBytes: number;
  /** Most header fields. */
  readonly maxHeaderCount: number;
}

/** The head of a request; everything in it was checked. It never changes and may belong to many requests. */
export interface RequestHead {
  readonly method: string;
  /** The request target as sent. */
  readonly target: string;
  /** Path of the target, still percent-encoded; `*` for OPTIONS about the server as a whole, empty for CONNECT. */
  readonly path: string;
  /** What stands behind the target's first `?`; empty if nothing does. */
  readonly query: string;
  readonly version: '1.0' | '1.1';
  /** Host and port in lower case: from the target in absolute and authority form, else from Host; empty only if HTTP/1.0 names none. */
  readonly host: string;
  readonly fields: FieldSection;
  /** Bytes of the body: 0 = none, undefined = chunked. */
  readonly declaredBytes: number | undefined;
  /** Whether the client lets the connection stay open after the answer. */
  readonly keepAlive: boolean;
  /** Whether the client waits for `100 Continue` before it sends the body. */
  readonly expectsContinue: boolean;
  /** Bytes of the head, an empty line in front of it included that came with it. */
  readonly byteLength: number;
}

/** What the readers of one server have read lately. All of them must have the same limits. */
export class HeadCaches {
  readonly heads: HeadCache<RequestHead> = new HeadCache();
  readonly sections: HeadCache<FieldSection> = new HeadCache();
}

/** Reads heads one after the other. Between heads it holds nothing of the one before. */
export class HeadReader {
  /** Bytes of the head that was returned last. */
  length = 0;
  readonly #limits: HeadLimits;
  readonly #caches: HeadCaches;
  readonly #fields: FieldSectionReader;
  /** Whether there was an empty line in front of the head; its bytes, 0 or 2, as long as they come with the head. */
  #hasLead = false;
  #lead = 0;
  #skipped = 0;
  #methodTo = 0;
  #targetTo = 0;
  #minorVersion = 1;
  /** Where the fields begin, counted from the first byte of the input; 0 until the request line was read. */
  #fieldsAt = 0;
  /** Whether the head, and whether its fields, were looked for among the recent ones. */
  #isBegun = false;
  #isInFields = false;

  constructor(limits: HeadLimits, caches: HeadCaches = new HeadCaches()) {
    this.#limits = limits;
    this.#caches = caches;
    this.#fields = new FieldSectionReader(limits.maxHeaderCount);
  }

  /**
   * Reads on in a head that begins at `start`.
   *
   * @param bytes - Not kept. After undefined, the next call must bring the same bytes again, without {@link HeadReader.takeSkipped}
   * ones and with more behind them; only those are looked at.
   * @returns The head, and its {@link HeadReader.length}; undefined while `bytes` ends, at `end`, before the head does.
   * @throws {@link ProtocolError} At the first byte that breaks a rule; the reader is of no use afterwards.
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
    this.#isBegun = false;
    this.#isInFields = false;
    this.#fieldsAt = 0;
    this.#hasLead = false;
    this.#lead = 0;
    return head;
  }

  /**
   * After undefined, how many bytes at the front must not come again: those of an empty line that came alone, which is not yet
   * the beginning of a head that somebody has to wait for.
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
    this.#fieldsAt = at - start;
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

  #readFields(bytes: Buffer, start: number, end: number): FieldSection | undefined {
    const { sections } = this.#caches;
    const { maxHeadBytes } = this.#limits;
    const from = start + this.#fieldsAt;
    const limit = start + this.#lead + maxHeadBytes;
    const stop = end < limit ? end : limit;
    // maxRequestLineBytes may be the larger of the two.
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

  /** Puts line and fields together and checks what depends on both. */
  #finish(bytes: Buffer, start: number, fields: FieldSection): RequestHead {
    const { hostCount, contentLength, transferEncoding, connection, expectation } = fields.notes;
    const isCurrent = this.#minorVersion === 1;
    if (isCurrent && hostCount === 0) {
      throw new ProtocolError('HTTP_HOST', 'There is no Host header; HTTP/1.1 requires one.');
    }
    if (transferEncoding !== undefined) {
      if (contentLength >= 0) throw framing('Content-Length and Transfer-Encoding are both there');
      if (!isCurrent) throw framing('HTTP/1.0 has no Transfer-Encoding');
      checkTransferEncoding(transferEncoding);
    }
    // In HTTP/1.0 the field means nothing (RFC 9110 §10.1.1).
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
      // "A CONNECT request message does not have content" (RFC 9110 §9.3.6): what follows is either a body or meant for the tunnel.
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
      // What follows CONNECT may have been meant for the far end of a tunnel, so it is never read as a request.
      keepAlive: mayStay && (isCurrent ? (connection & CLOSE) === 0 : connection === KEEP_ALIVE),
      expectsContinue: expects && declaredBytes !== 0,
      byteLength: this.#fieldsAt + fields.byteLength,
    };
  }
}

/**
 * Looks for what begins at `from` among what was read lately. Where it ends is not known before it is read: mostly with the bytes
 * that came, else, when several requests came together, after as many bytes as the one before.
 */
function findCached<T>(cache: HeadCache<T>, bytes: Buffer, from: number, end: number, length: number): T | undefined {
  const known = cache.find(bytes, from, end);
  if (known !== undefined || length === 0 || from + length >= end) return known;
  return cache.find(bytes, from, from + length);
}

const versionBytes: Uint8Array = new TextEncoder().encode('HTTP/1.1\r\n');

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

function headTooLarge(maxHeadBytes: number): ProtocolError {
  return new ProtocolError('HTTP_HEAD_TOO_LARGE', `The head is over ${maxHeadBytes} bytes; send fewer headers.`);
}

function badLine(why: string): ProtocolError {
  return new ProtocolError('HTTP_REQUEST_LINE', `Malformed request line: ${why}.`);
}
