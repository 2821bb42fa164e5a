/**
 * A request of a test, from the arguments of `request` and `fetch`: URL, method, header fields and the bytes of its body.
 */
import { GaleError } from '../errors.ts';
import { isFieldValueText, isTokenText } from '../http/protocol/characters.ts';
import { assertNames, readChoices, showValue, wrongValue } from '../run/given-options.ts';
import { toJsonText } from '../run/json-text.ts';

/** Values of a form by name; several for an array. */
export type TestForm = Readonly<Record<string, string | readonly string[]>>;

/** What `request` and `fetch` of a test client accept, beside the path: as `fetch`, with `json` and `form`. */
export interface TestRequestInit {
  /** @defaultValue GET, or POST with a body */
  readonly method?: string;
  /** Header fields. Nothing else is sent than these, Host, Cookie, the type of the body and its length. */
  readonly headers?: Headers | Iterable<readonly [string, string]> | Readonly<Record<string, string>>;
  /** The body. A stream or an async iterable is sent in chunks. */
  readonly body?:
    | string
    | ArrayBuffer
    | ArrayBufferView
    | URLSearchParams
    | FormData
    | Blob
    | AsyncIterable<string | Uint8Array>
    | null;
  /** A value that is sent as JSON, instead of `body`. */
  readonly json?: unknown;
  /** Fields that are sent as an urlencoded form, instead of `body`. */
  readonly form?: TestForm | URLSearchParams;
  /** Whether to follow redirects to the same origin. @defaultValue 'manual': the redirect is the response */
  readonly redirect?: 'manual' | 'follow';
  /** Disconnects when it aborts. */
  readonly signal?: AbortSignal;
}

/** A checked request, without cookies. */
export interface OutgoingRequest {
  readonly method: string;
  readonly url: URL;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | undefined;
  readonly follows: boolean;
  readonly signal: AbortSignal | undefined;
}

const names = ['method', 'headers', 'body', 'json', 'form', 'redirect', 'signal'];
/** Fields that frame the body, which is done here. */
const framingNames: readonly string[] = ['content-length', 'transfer-encoding'];

/**
 * Checks the arguments of a request.
 *
 * @param base - Origin of paths.
 * @throws {@link GaleError} `OPTION_UNKNOWN`, `OPTION_VALUE` or `JSON_VALUE`.
 */
export async function outgoingRequest(path: string, init: TestRequestInit, base: string): Promise<OutgoingRequest> {
  assertNames('request', init, names);
  const { headers, signal, redirect } = init;
  if (redirect !== undefined) readChoices(init, { redirect: ['manual', 'follow'] });
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw wrongValue('signal', 'an AbortSignal', signal);
  const fields = headers === undefined ? [] : fieldsOf(headers);
  const body = bodyOf(init);
  const content = body === undefined ? undefined : body instanceof Promise ? await body : body;
  if (content?.type !== undefined && !fields.some(([name]) => name.toLowerCase() === 'content-type')) {
    fields.push(['Content-Type', content.type]);
  }
  return {
    method: methodOf(init.method, content !== undefined),
    url: urlOf(path, base),
    fields,
    body: content?.bytes,
    follows: redirect === 'follow',
    signal,
  };
}

/** The URL of a path, or of an absolute URL. */
export function urlOf(path: unknown, base: string): URL {
  const isPath = typeof path === 'string' && path.startsWith('/') && !path.startsWith('//');
  const url = isPath ? new URL(base + path) : typeof path === 'string' ? URL.parse(path) : null;
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw wrongValue('path', 'a path that begins with a slash, or an http or https URL', path);
}

/** Methods that `fetch` writes in capitals. */
const capitals = /^(?:delete|get|head|options|post|put)$/i;

function methodOf(method: unknown, hasBody: boolean): string {
  if (method === undefined) return hasBody ? 'POST' : 'GET';
  if (typeof method !== 'string' || !isTokenText(method)) throw wrongValue('method', 'a token, such as PUT', method);
  return capitals.test(method) ? method.toUpperCase() : method;
}

function fieldsOf(headers: NonNullable<TestRequestInit['headers']>): [string, string][] {
  const given: unknown = headers;
  if (typeof given !== 'object' || given === null) throw wrongValue('headers', 'an object or pairs', headers);
  const entries: Iterable<readonly [string, string]> = Symbol.iterator in headers ? headers : Object.entries(headers);
  return Array.from(entries, ([name, value]): [string, string] => {
    if (typeof name !== 'string' || !isTokenText(name)) throw wrongValue('Name of a header', 'a token', name);
    if (framingNames.includes(name.toLowerCase())) {
      throw new GaleError('TEST_REQUEST', `The header ${name} is set by the test client, from the body.`);
    }
    if (typeof value !== 'string' || !isFieldValueText(value) || /[^\0-\xff]/.test(value)) {
      throw wrongValue(
        `Value of the header ${name}`,
        'a string of characters up to U+00FF without control characters',
        value,
      );
    }
    return [name, value];
  });
}

interface Content {
  readonly bytes: Uint8Array | AsyncIterable<Uint8Array>;
  readonly type?: string | undefined;
}

const jsonRule = { must: 'json must be a value that JSON can have', code: 'JSON_VALUE' } as const;
const formType = 'application/x-www-form-urlencoded;charset=UTF-8';

function bodyOf({ body, json, form }: TestRequestInit): Content | Promise<Content> | undefined {
  if ((body === undefined || body === null) && json === undefined && form === undefined) return undefined;
  const given = Object.entries({ body: body ?? undefined, json, form }).filter(([, value]) => value !== undefined);
  if (given.length > 1) {
    throw new GaleError('OPTION_VALUE', `A request has one body; got ${given.map(([name]) => name).join(' and ')}.`);
  }
  if (json !== undefined) return { bytes: Buffer.from(toJsonText(json, jsonRule)), type: 'application/json' };
  if (form !== undefined) return { bytes: Buffer.from(formOf(form).toString()), type: formType };
  if (typeof body === 'string') return { bytes: Buffer.from(body), type: 'text/plain;charset=UTF-8' };
  if (body instanceof URLSearchParams) return { bytes: Buffer.from(body.toString()), type: formType };
  if (body instanceof FormData || body instanceof Blob) return encodedBody(body);
  if (body instanceof ArrayBuffer) return { bytes: new Uint8Array(body) };
  if (ArrayBuffer.isView(body)) return { bytes: new Uint8Array(body.buffer, body.byteOffset, body.byteLength) };
  if (typeof body === 'object' && body !== null && Symbol.asyncIterator in body) return { bytes: chunksOf(body) };
  if (body === null) return undefined;
  throw wrongValue('body', 'a string, bytes, URLSearchParams, FormData, a Blob or a stream; for JSON use json', body);
}

/** A form or a file, with the type that its encoding needs. */
async function encodedBody(body: FormData | Blob): Promise<Content> {
  const encoded = new Response(body);
  return { bytes: new Uint8Array(await encoded.arrayBuffer()), type: encoded.headers.get('content-type') ?? undefined };
}

function formOf(form: TestForm | URLSearchParams): URLSearchParams {
  if (form instanceof URLSearchParams) return form;
  if (typeof (form as unknown) !== 'object' || (form as unknown) === null) {
    throw wrongValue('form', 'an object or URLSearchParams', form);
  }
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(form)) {
    for (const text of Array.isArray(value) ? (value as readonly string[]) : [value as string]) {
      if (typeof text !== 'string') throw wrongValue(`form.${name}`, 'a string or an array of strings', text);
      fields.append(name, text);
    }
  }
  return fields;
}

async function* chunksOf(body: AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of body) {
    if (typeof chunk === 'string') yield Buffer.from(chunk);
    else if (chunk instanceof Uint8Array) yield chunk;
    else throw new GaleError('OPTION_VALUE', `A chunk of body must be a string or bytes; got ${showValue(chunk)}.`);
  }
}
