/**
 * Writes the head of an answer as one string of Latin-1 characters, and checks what goes into it: a value that holds a line end
 * would let whoever chose it write headers and bodies of their own. RFC 9112 §4, §5.
 */
import { GaleError } from '../../errors.ts';
import { isFieldValueText, isTokenText } from './characters.ts';
import { reasonPhrase } from './status.ts';

/** Headers of an answer: names and values in the order they are sent; a name may repeat. */
export type ResponseHeaders = readonly (readonly [name: string, value: string])[];

/** Status line and headers of an answer as they were given: checked, joined, and what they say about framing. */
export class GivenHead {
  readonly reason: string | undefined;
  /** A list that never changes. */
  readonly headers: ResponseHeaders;
  /** Status line and headers, each with its line end; Connection and Content-Length are not among them. */
  readonly text: string;
  /** Value of Content-Length; -1 if it is not given. */
  readonly contentLength: number;
  /** Value of Connection; undefined if it is not given. */
  readonly connection: string | undefined;
  /** Whether Date is given. */
  readonly hasDate: boolean;
  /** What the last whole head was made with, and that head; often the next one is the same. */
  #framing = '';
  #bodyBytes = -1;
  #date = '';
  #connection = '';
  #whole = '';
  #isFlat = false;

  constructor(
    reason: string | undefined,
    headers: ResponseHeaders,
    text: string,
    contentLength: number,
    connection: string | undefined,
    hasDate: boolean,
  ) {
    this.reason = reason;
    this.headers = headers;
    this.text = text;
    this.contentLength = contentLength;
    this.connection = connection;
    this.hasDate = hasDate;
  }

  /**
   * The whole head with its empty line.
   *
   * @param framing - `Content-Length: `, `Transfer-Encoding: chunked` or nothing.
   * @param bodyBytes - Behind `Content-Length: `; -1 for nothing.
   * @param connection - The line of Connection with its line end, or nothing.
   * @param date - The line of Date with its line end, or nothing; the caller leaves it out if {@link GivenHead.hasDate}.
   */
  whole(framing: string, bodyBytes: number, connection: string, date: string): string {
    if (
      this.#bodyBytes === bodyBytes &&
      this.#date === date &&
      this.#connection === connection &&
      this.#framing === framing
    ) {
      // Joined strings are trees until something needs their characters; this one is worth to be made plain.
      if (!this.#isFlat) this.#whole = Buffer.from(this.#whole, 'latin1').toString('latin1');
      this.#isFlat = true;
      return this.#whole;
    }
    const length = framing === '' ? '' : bodyBytes < 0 ? `${framing}\r\n` : `${framing}${bodyBytes}\r\n`;
    this.#framing = framing;
    this.#bodyBytes = bodyBytes;
    this.#date = date;
    this.#connection = connection;
    this.#whole = `${this.text}${length}${date}${connection}\r\n`;
    this.#isFlat = false;
    return this.#whole;
  }
}

/** Values of `framing` in {@link GivenHead.whole}. */
export const CONTENT_LENGTH = 'Content-Length: ';
/** The body comes in chunks. */
export const TRANSFER_ENCODING_CHUNKED = 'Transfer-Encoding: chunked';
/** Nothing is said about the body. */
export const NO_FRAMING = '';

/** Heads with more headers than this are hardly ever the same twice, and not kept. */
const maxKeptHeaders = 4;
/** The last head of each status. Most servers answer with the same few headers again and again. */
const lastHeads: (GivenHead | undefined)[] = [];

/**
 * Checks and joins what a handler gives.
 *
 * @throws {@link GaleError} `HTTP_RESPONSE_HEADER` for what may not be sent.
 */
export function givenHead(status: number, headers: ResponseHeaders, reason: string | undefined): GivenHead {
  const last = lastHeads[status];
  if (last !== undefined && last.reason === reason && (last.headers === headers || areEqual(last.headers, headers))) {
    return last;
  }
  let text = statusLine(status, reason);
  let contentLength = -1;
  let connection: string | undefined;
  let hasDate = false;
  for (let index = 0; index < headers.length; index++) {
    const [name, value] = headers[index] as readonly [string, string];
    const kind = kinds.get(name) ?? kindOf(name);
    if (typeof value !== 'string') throw refused(`Header ${name} has a value that is no string`);
    if (!isFieldValueText(value)) {
      throw refused(`Header ${name} has a line end, another control or a character above U+00FF in its value`);
    }
    switch (kind) {
      case 'content-length':
        if (!/^\d{1,15}$/.test(value) || contentLength >= 0) {
          throw refused(`Content-Length is "${value}" or given twice; it is one number of bytes`);
        }
        contentLength = Number(value);
        continue;
      case 'connection':
        connection = connection === undefined ? value : `${connection}, ${value}`;
        continue;
      case 'transfer-encoding':
        throw refused(`${name} is set by the server alone; leave it out`);
      case 'date':
        hasDate = true;
        break;
      default:
    }
    text += `${name}: ${value}\r\n`;
  }
  const isKept = headers.length <= maxKeptHeaders;
  const kept = isKept ? frozen(headers) : headers;
  const given = new GivenHead(reason, kept, text, contentLength, connection, hasDate);
  if (isKept) lastHeads[status] = given;
  return given;
}

/** Whether two lists hold the same; quick for lists of constants, and for those that differ in length. */
function areEqual(one: ResponseHeaders, other: ResponseHeaders): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) {
    const first = one[index] as readonly [string, string];
    const second = other[index] as readonly [string, string];
    if (first[0] !== second[0] || first[1] !== second[1]) return false;
  }
  return true;
}

/** The same list where it can not change, else a copy: the caller may change its own afterwards. */
function frozen(headers: ResponseHeaders): ResponseHeaders {
  if (Object.isFrozen(headers) && headers.every((header) => Object.isFrozen(header))) return headers;
  return headers.map(([name, value]) => [name, value] as const);
}

/**
 * The status line, with its line end.
 *
 * @throws {@link GaleError} `HTTP_RESPONSE_HEADER` for a status outside 200-599 or a reason that may not be sent.
 */
export function statusLine(status: number, reason: string | undefined): string {
  if (reason === undefined) {
    const known = statusLines[status];
    if (known !== undefined) return known;
  }
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw refused(`Status ${status} is not a final one from 200 to 599`);
  }
  if (reason !== undefined && !isFieldValueText(reason)) {
    throw refused('The reason has a line end, another control or a character above U+00FF');
  }
  const line = `HTTP/1.1 ${status} ${reason ?? reasonPhrase(status)}\r\n`;
  if (reason === undefined) statusLines[status] = line;
  return line;
}

const ordinary = '';
const special: ReadonlySet<string> = new Set(['connection', 'content-length', 'date', 'transfer-encoding']);
/** Names that were checked before, as they are written in the code of handlers: few, and the same for every answer. */
const kinds: Map<string, string> = new Map();
const maxKinds = 512;
const statusLines: (string | undefined)[] = [];

function kindOf(name: string): string {
  if (!isTokenText(name)) throw refused(`Header name ${JSON.stringify(name)} is not a token`);
  const lower = name.toLowerCase();
  const kind = special.has(lower) ? lower : ordinary;
  if (kinds.size < maxKinds) kinds.set(name, kind);
  return kind;
}

function refused(what: string): GaleError {
  return new GaleError('HTTP_RESPONSE_HEADER', `${what}.`);
}
