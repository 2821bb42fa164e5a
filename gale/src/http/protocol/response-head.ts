/**
 * Writes the head of a response as one string of Latin-1 characters and validates its parts: a value with a line end would allow response
 * splitting. RFC 9112 §4, §5.
 */
import { GaleError } from '../../errors.ts';
import { showValue } from '../../run/given-options.ts';
import { isFieldValueText, isTokenText } from './characters.ts';
import { reasonPhrase } from './status.ts';

/** Headers of a response: names and values in the order they are sent; a name may repeat. */
export type ResponseHeaders = readonly (readonly [name: string, value: string])[];

/** Status line and headers that a handler gave: validated and joined, with the values that control framing. */
export class GivenHead {
  readonly reason: string | undefined;
  /** An immutable list. */
  readonly headers: ResponseHeaders;
  /** Status line and headers, each with its line end, without Connection and Content-Length. */
  readonly text: string;
  /** Value of Content-Length; -1 without it. */
  readonly contentLength: number;
  /** Value of Connection; undefined without it. */
  readonly connection: string | undefined;
  /** Whether the handler gave Date. */
  readonly hasDate: boolean;
  /** The last whole head and its parameters; the next head is often the same. */
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
   * @param framing - `Content-Length: `, `Transfer-Encoding: chunked` or an empty string.
   * @param bodyBytes - The value of `Content-Length: `; -1 for none.
   * @param connection - The Connection line with its line end, or an empty string.
   * @param date - The Date line with its line end; an empty string if {@link GivenHead.hasDate}.
   */
  whole(framing: string, bodyBytes: number, connection: string, date: string): string {
    if (
      this.#bodyBytes === bodyBytes &&
      this.#date === date &&
      this.#connection === connection &&
      this.#framing === framing
    ) {
      // V8 keeps a joined string as a tree until something reads its characters. A head that repeats is worth flattening.
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
/** The body is chunked. */
export const TRANSFER_ENCODING_CHUNKED = 'Transfer-Encoding: chunked';
/** The head does not describe the body. */
export const NO_FRAMING = '';

/** Heads with more headers rarely repeat, and are not cached. */
const maxCachedHeaders = 4;
/** The last head of each status. Most servers send the same few headers with each response. */
const lastHeads: (GivenHead | undefined)[] = [];

/**
 * Validates and joins status and headers of a handler.
 *
 * @param maxBytes - Maximum length of the result.
 * @throws {@link GaleError} `HTTP_RESPONSE_HEADER` for a value that must not be sent, `HTTP_RESPONSE_HEAD_TOO_LARGE`.
 */
export function givenHead(
  status: number,
  headers: ResponseHeaders,
  reason: string | undefined,
  maxBytes: number,
): GivenHead {
  const given = knownHead(status, headers, reason) ?? joinHead(status, headers, reason, maxBytes);
  // A known head may be one of a server with a higher limit.
  if (given.text.length > maxBytes) throw headTooLarge(given.text.length, maxBytes);
  return given;
}

/**
 * The error for a head over its limit.
 *
 * @param name - The header that is over it.
 */
export function headTooLarge(bytes: number, maxBytes: number, name?: string): GaleError {
  const place = name === undefined ? '' : ` at the header ${name.slice(0, 100)}`;
  return new GaleError(
    'HTTP_RESPONSE_HEAD_TOO_LARGE',
    `The head of the response has ${bytes} bytes or more${place}, over maxResponseHeadBytes (${maxBytes}); send fewer or shorter headers.`,
  );
}

function knownHead(status: number, headers: ResponseHeaders, reason: string | undefined): GivenHead | undefined {
  const last = lastHeads[status];
  if (last !== undefined && last.reason === reason && (last.headers === headers || areEqual(last.headers, headers))) {
    return last;
  }
  if (headers.length <= maxCachedHeaders) return undefined;
  const kept = keptHeads.get(headers);
  return kept?.status === status && kept.head?.reason === reason ? kept.head : undefined;
}

function joinHead(status: number, headers: ResponseHeaders, reason: string | undefined, maxBytes: number): GivenHead {
  const isLong = headers.length > maxCachedHeaders;
  let text = statusLine(status, reason);
  let contentLength = -1;
  let connection: string | undefined;
  let hasDate = false;
  for (let index = 0; index < headers.length; index++) {
    const [name, value] = headers[index] as readonly [string, string];
    const kind = kinds.get(name) ?? kindOf(name);
    if (typeof value !== 'string') throw refused(`value of header ${name} must be a string; got ${showValue(value)}`);
    const length = text.length + name.length + value.length;
    if (length > maxBytes) throw headTooLarge(length, maxBytes, name);
    if (!isFieldValueText(value)) {
      throw refused(
        `The value of header ${name} contains a line end, another control character or a character above U+00FF`,
      );
    }
    switch (kind) {
      case 'content-length':
        if (!/^\d{1,15}$/.test(value) || contentLength >= 0) {
          throw refused(`Content-Length must be given once, as a number of bytes; got "${value}"`);
        }
        contentLength = Number(value);
        continue;
      case 'connection':
        connection = connection === undefined ? value : `${connection}, ${value}`;
        continue;
      case 'transfer-encoding':
        throw refused(`${name} is set by the server; leave it out`);
      case 'date':
        hasDate = true;
        break;
      default:
    }
    text += `${name}: ${value}\r\n`;
  }
  const given = new GivenHead(reason, isLong ? headers : frozen(headers), text, contentLength, connection, hasDate);
  const kept = isLong ? keptHeads.get(headers) : undefined;
  if (!isLong) lastHeads[status] = given;
  else if (kept !== undefined) {
    kept.status = status;
    kept.head = given;
  }
  return given;
}

/** The heads of {@link keepHead}, by their list of headers. */
const keptHeads: WeakMap<ResponseHeaders, { status: number; head: GivenHead | undefined }> = new WeakMap();

/**
 * Keeps the head of these headers as long as the list exists, however long it is, for a response that repeats: the file of a server.
 *
 * @param headers - An immutable list of immutable headers.
 */
export function keepHead(headers: ResponseHeaders): void {
  keptHeads.set(headers, { status: 0, head: undefined });
}

/** Whether two lists have the same members; fast for lists of constants and for lists of different lengths. */
function areEqual(one: ResponseHeaders, other: ResponseHeaders): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) {
    const first = one[index] as readonly [string, string];
    const second = other[index] as readonly [string, string];
    if (first[0] !== second[0] || first[1] !== second[1]) return false;
  }
  return true;
}

/** The list itself if it is frozen, else a copy: the caller may change its own list later. */
function frozen(headers: ResponseHeaders): ResponseHeaders {
  if (Object.isFrozen(headers) && headers.every((header) => Object.isFrozen(header))) return headers;
  return headers.map(([name, value]) => [name, value] as const);
}

/**
 * The status line, with its line end.
 *
 * @throws {@link GaleError} `HTTP_RESPONSE_HEADER` for a status outside 200-599 or an invalid reason.
 */
export function statusLine(status: number, reason: string | undefined): string {
  if (reason === undefined) {
    const known = statusLines[status];
    if (known !== undefined) return known;
  }
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw refused(`status must be an integer from 200 to 599; got ${showValue(status)}`);
  }
  if (reason !== undefined && !isFieldValueText(reason)) {
    throw refused('The reason contains a line end, another control character or a character above U+00FF');
  }
  const line = `HTTP/1.1 ${status} ${reason ?? reasonPhrase(status)}\r\n`;
  if (reason === undefined) statusLines[status] = line;
  return line;
}

const ordinary = '';
const special: ReadonlySet<string> = new Set(['connection', 'content-length', 'date', 'transfer-encoding']);
/** Names that were validated before, as handlers spell them: few, and the same for every response. */
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
