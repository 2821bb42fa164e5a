/** The body of a response until it is sent: text as long as only text was written, else bytes. */
import { GaleError } from '../errors.ts';
import { toJsonText, type JsonRule } from '../run/json-text.ts';
import { viewBytes } from '../run/view-bytes.ts';

/** Text; bytes (an ArrayBuffer, a SharedArrayBuffer or any view of one); or an object that is sent as JSON. */
export type Chunk = string | Uint8Array | object;

/** Collects chunks. Bytes are not copied while they are the only chunk. */
export class ResponseBody {
  #text = '';
  #parts: Uint8Array[] | undefined;

  /**
   * Appends a chunk.
   *
   * @returns Whether it was written as JSON.
   * @throws {@link GaleError} `WEB_BODY` for a value that cannot be sent, or that JSON would lose.
   */
  add(chunk: Chunk): boolean {
    if (typeof chunk === 'string') {
      if (this.#parts === undefined) this.#text += chunk;
      else this.#parts.push(Buffer.from(chunk));
      return false;
    }
    const bytes = typeof chunk === 'object' && chunk !== null ? viewBytes(chunk, 'WEB_BODY') : undefined;
    if (bytes === undefined) {
      this.add(toJson(chunk));
      return true;
    }
    this.#parts ??= this.#text === '' ? [] : [Buffer.from(this.#text)];
    this.#parts.push(bytes);
    return false;
  }

  /** Whether nothing, or only empty text, was added. */
  get isEmpty(): boolean {
    return this.#text === '' && this.#parts === undefined;
  }

  /** Length of the chunks so far, in bytes. */
  get byteLength(): number {
    if (this.#parts === undefined) return Buffer.byteLength(this.#text);
    return this.#parts.reduce((sum, part) => sum + part.byteLength, 0);
  }

  /** Returns the chunks so far as one, and forgets them. */
  take(): string | Uint8Array {
    const body = this.#parts === undefined ? this.#text : this.#parts.length === 1 ? this.#parts[0] : undefined;
    const taken = body ?? Buffer.concat(this.#parts ?? []);
    this.clear();
    return taken;
  }

  /** Forgets the chunks so far. */
  clear(): void {
    this.#text = '';
    this.#parts = undefined;
  }
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
