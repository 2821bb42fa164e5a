/**
 * The body of a response until it is sent: text as long as only text was written, else a list of parts. A body of one chunk, which is the
 * usual case, needs no object and no copy.
 */
import { GaleError } from '../errors.ts';
import { toJsonText, type JsonRule } from '../run/json-text.ts';
import { viewBytes } from '../run/view-bytes.ts';

/** Text; bytes (an ArrayBuffer, a SharedArrayBuffer or any view of one); or an object that is sent as JSON. */
export type Chunk = string | Uint8Array | object;

/** The chunks so far. */
export type ResponseBody = string | Uint8Array[];

/** A body without chunks. */
export const emptyBody: ResponseBody = '';

/**
 * Converts a chunk of another kind than text.
 *
 * @returns Bytes, or the text of an object as JSON.
 * @throws {@link GaleError} `WEB_BODY` for a value that cannot be sent, or that JSON would lose.
 */
export function encodeChunk(chunk: unknown): Uint8Array | string {
  const bytes = typeof chunk === 'object' && chunk !== null ? viewBytes(chunk, 'WEB_BODY') : undefined;
  return bytes ?? toJson(chunk);
}

/** Appends text. A list of parts is changed. */
export function withText(body: ResponseBody, text: string): ResponseBody {
  // V8 joins even an empty text to a new string, and later comparisons of this string read its characters.
  if (body === emptyBody) return text;
  return typeof body === 'string' ? body + text : withBytes(body, Buffer.from(text));
}

/** Appends bytes. A list of parts is changed. */
export function withBytes(body: ResponseBody, bytes: Uint8Array): ResponseBody {
  const parts: Uint8Array[] = typeof body !== 'string' ? body : body === '' ? [] : [Buffer.from(body)];
  parts.push(bytes);
  return parts;
}

/** Length of a body in bytes. */
export function byteLengthOf(body: ResponseBody): number {
  if (typeof body === 'string') return Buffer.byteLength(body);
  return body.reduce((sum, part) => sum + part.byteLength, 0);
}

/** All chunks as one. */
export function joinChunks(body: ResponseBody): string | Uint8Array {
  if (typeof body === 'string') return body;
  const [only] = body;
  return only !== undefined && body.length === 1 ? only : Buffer.concat(body);
}

const chunkRule: JsonRule = { must: 'chunk of write() must be a string, bytes or an object', code: 'WEB_BODY' };

function toJson(value: unknown): string {
  if (value === null) throw new GaleError('WEB_BODY', `${chunkRule.must}; got null.`);
  if (Array.isArray(value)) throw new GaleError('WEB_BODY', `${chunkRule.must}; got an array; wrap it in an object.`);
  if (typeof value === 'number' || typeof value === 'boolean') {
    throw new GaleError('WEB_BODY', `${chunkRule.must}; got a ${typeof value}; use String(value).`);
  }
  return toJsonText(value, chunkRule);
}
