/**
 * Writes the head of an answer as one string of Latin-1 characters, and checks what goes into it: a value that holds a line end
 * would let whoever chose it write headers and bodies of their own. RFC 9112 §4, §5.
 */
import { GaleError } from '../errors.ts';
import { reasonPhrase } from './status.ts';

/** Headers of an answer: names and values in the order they are sent; a name may repeat. */
export type ResponseHeaders = readonly (readonly [name: string, value: string])[];

/** What the given headers say about framing, and their lines. */
export class HeadLines {
  /** The lines, each with its line end; Connection is not among them. */
  text = '';
  /** Value of Content-Length; -1 if it is not given. */
  contentLength = -1;
  /** Value of Connection; undefined if it is not given. */
  connection: string | undefined;
  /** Whether Date is given. */
  hasDate = false;

  /** @throws {@link GaleError} `HTTP_RESPONSE_HEADER` for what may not be sent. */
  constructor(headers: ResponseHeaders) {
    let text = '';
    for (let index = 0; index < headers.length; index++) {
      const [name, value] = headers[index] as readonly [string, string];
      const kind = kinds.get(name) ?? kindOf(name);
      if (!isValue.test(value)) {
        throw refused(`Header ${name} has a line end, another control or a character above U+00FF in its value`);
      }
      if (kind === ordinary || this.#takes(kind, name, value)) text += `${name}: ${value}\r\n`;
    }
    this.text = text;
  }

  /** Notes a header that means something to the server; returns whether it is sent as it is. */
  #takes(kind: string, name: string, value: string): boolean {
    switch (kind) {
      case 'content-length':
        if (!/^\d{1,15}$/.test(value) || this.contentLength >= 0) {
          throw refused(`Content-Length is "${value}" or given twice; it is one number of bytes`);
        }
        this.contentLength = Number(value);
        return false;
      case 'connection':
        this.connection = this.connection === undefined ? value : `${this.connection}, ${value}`;
        return false;
      case 'date':
        this.hasDate = true;
        return true;
      default:
        throw refused(`${name} is set by the server alone; leave it out`);
    }
  }
}

/**
 * The status line, with its line end.
 *
 * @throws {@link GaleError} `HTTP_RESPONSE_HEADER` for a status outside 200-999 or a reason that may not be sent.
 */
export function statusLine(status: number, reason: string | undefined): string {
  if (reason === undefined) {
    const known = statusLines[status];
    if (known !== undefined) return known;
  }
  if (!Number.isInteger(status) || status < 200 || status > 999) {
    throw refused(`Status ${status} is not a final one from 200 to 999`);
  }
  if (reason !== undefined && !isValue.test(reason)) {
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
// Anchored at both ends and of one class: linear.
// oxlint-disable-next-line no-control-regex
const isValue = /^[\t\x20-\x7e\x80-\xff]*$/;
const isName = /^[!#$%&'*+.^_`|~\w-]+$/;
const statusLines: (string | undefined)[] = [];

function kindOf(name: string): string {
  if (!isName.test(name)) throw refused(`Header name ${JSON.stringify(name)} is not a token`);
  const lower = name.toLowerCase();
  const kind = special.has(lower) ? lower : ordinary;
  if (kinds.size < maxKinds) kinds.set(name, kind);
  return kind;
}

function refused(what: string): GaleError {
  return new GaleError('HTTP_RESPONSE_HEADER', `${what}.`);
}
