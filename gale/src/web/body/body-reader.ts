/**
 * Reads the body of a request once, in the form that a handler asks for: bytes, text or JSON. Each result is kept, so it can be read
 * again. Content-Encoding is decoded.
 */
import type { HttpRequest } from '../../http/request.ts';
import type { ResolvedHandlerSettings } from '../handler-settings.ts';
import { HttpError } from '../http-error.ts';
import { decodeContent, readCoding } from './content-coding.ts';
import { JsonSyntaxError, parseJson } from './json-syntax.ts';
import { isJsonType, readMediaType } from './media-type.ts';
import type { MediaType } from './media-type.ts';

/** The limits of bodies by their kind. */
type BodyLimits = Pick<ResolvedHandlerSettings, 'maxDecodedBytes' | 'maxJsonBytes'>;

/** The body of one request. */
export class BodyReader {
  readonly #request: HttpRequest;
  readonly #limits: BodyLimits;
  #bytes: Promise<Buffer> | undefined;
  #text: Promise<string> | undefined;
  #json: Promise<unknown> | undefined;

  constructor(request: HttpRequest, limits: BodyLimits) {
    this.#request = request;
    this.#limits = limits;
  }

  /** The Content-Type; `undefined` if it is missing or malformed. */
  get mediaType(): MediaType | undefined {
    return readMediaType(this.#request.headers.get('content-type'));
  }

  /** The decoded parts as they arrive. Only one call, and not together with the other methods. */
  parts(): AsyncIterable<Buffer> {
    const { headers, body } = this.#request;
    const coding = readCoding(headers.get('content-encoding'));
    if (coding === undefined || body.declaredBytes === 0) return body;
    body.lowerLimit(this.#limits.maxDecodedBytes, 'maxDecodedBytes');
    return decodeContent(body, coding, body);
  }

  bytes(): Promise<Buffer> {
    this.#bytes ??= this.#readBytes();
    return this.#bytes;
  }

  text(): Promise<string> {
    this.#text ??= this.#readText();
    return this.#text;
  }

  json(): Promise<unknown> {
    this.#json ??= this.#readJson();
    return this.#json;
  }

  async #readBytes(): Promise<Buffer> {
    const { body } = this.#request;
    const parts = this.parts();
    if (parts === body) return body.bytes();
    const decoded: Buffer[] = [];
    for await (const part of parts) {
      body.keepBytes(part.length);
      decoded.push(part);
    }
    return Buffer.concat(decoded);
  }

  async #readText(): Promise<string> {
    const charset = this.mediaType?.parameters.get('charset') ?? 'utf-8';
    return decodeText(charset, await this.bytes());
  }

  async #readJson(): Promise<unknown> {
    const { mediaType } = this;
    if (mediaType === undefined || !isJsonType(mediaType.type)) throw wrongType('application/json');
    const charset = mediaType.parameters.get('charset') ?? 'utf-8';
    if (!/^(?:utf-?8|us-ascii)$/i.test(charset)) throw wrongCharset('The charset of JSON must be UTF-8.');
    this.#request.body.lowerLimit(this.#limits.maxJsonBytes, 'maxJsonBytes');
    const text = decodeText('utf-8', await this.bytes());
    if (text.trim() === '')
      throw new HttpError(400, undefined, { problem: { detail: 'The body is empty; it must be JSON.' } });
    try {
      return parseJson(text);
    } catch (error) {
      if (!(error instanceof JsonSyntaxError)) throw error;
      throw new HttpError(400, undefined, {
        problem: { detail: `The body is not JSON: ${error.message}.` },
        cause: error,
      });
    }
  }
}

/**
 * The 415 for a body of another type.
 *
 * @param accepted - The types that the handler accepts, as the field Accept lists them (RFC 9110 §12.5.1, §15.5.16).
 */
export function wrongType(accepted: string): HttpError {
  return new HttpError(415, undefined, {
    headers: [['Accept', accepted]],
    problem: { detail: `Content-Type must be ${accepted.replaceAll(', ', ' or ')}.` },
  });
}

function wrongCharset(detail: string): HttpError {
  return new HttpError(415, undefined, { problem: { detail } });
}

/** Decodes text and drops a byte order mark. */
function decodeText(charset: string, bytes: Uint8Array): string {
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(charset, { fatal: true });
  } catch {
    throw wrongCharset('The charset of the body is unknown; send UTF-8.');
  }
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new HttpError(400, undefined, {
      problem: { detail: `The body is not ${decoder.encoding.toUpperCase()}.` },
      cause,
    });
  }
}
