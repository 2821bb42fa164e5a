/**
 * A client of an application under test: requests in process and over a real port, and WebSockets, with the same cookies.
 */
import { ReadableStream } from 'node:stream/web';
import { GaleError } from '../errors.ts';
import { assertNames } from '../run/given-options.ts';
import { connectWebSocket } from '../websocket/client/client.ts';
import type { ConnectOptions } from '../websocket/client/connect-options.ts';
import { WebSocketRefusedError } from '../websocket/client/refused-error.ts';
import { CookieJar, type CookieUrl } from './cookie-jar.ts';
import type { EncodedRequest } from './memory-connection.ts';
import { outgoingRequest, urlOf, type OutgoingRequest, type TestRequestInit } from './outgoing-request.ts';
import { MessageQueue, TestWebSocket } from './test-websocket.ts';

/** Options of `connect` of a test client. */
export type TestConnectOptions = Pick<ConnectOptions, 'protocols' | 'headers' | 'origin' | 'websocket' | 'signal'>;

/** What the clients of one test app share. @internal */
export interface TestServer {
  /** Origin of paths. */
  readonly origin: string;
  now(): number;
  /** Sends a request in process. */
  send(protocol: 'http' | 'https', request: EncodedRequest, signal: AbortSignal | undefined): Promise<Response>;
  /** The port on loopback, after it listens. */
  port(): Promise<number>;
  /** @throws {@link GaleError} `TEST_CLOSED`. */
  assertOpen(): void;
}

type Send = (request: OutgoingRequest, cookie: string | undefined) => Promise<Response>;

const maxRedirects = 20;

/** A client with its own cookies. */
export class TestClient {
  /** Cookies that `request`, `fetch` and `connect` send, and set from responses. */
  readonly cookies: CookieJar;
  readonly #server: TestServer;
  readonly #sendInProcess: Send = (request, cookie) => {
    const protocol = request.url.protocol === 'https:' ? 'https' : 'http';
    return this.#server.send(protocol, encode(request, cookie), request.signal);
  };
  readonly #sendOverPort: Send = async (request, cookie) => fetchAt(await this.#server.port(), request, cookie);

  /** Created by a test app only. @internal */
  constructor(server: TestServer) {
    this.#server = server;
    this.cookies = new CookieJar(() => server.now(), new URL(server.origin).hostname);
  }

  /**
   * Sends a request in process, without a socket. It takes the same way as a request from the network, from the parser on.
   * The response is as of `fetch`, with these differences: a redirect is not followed by default, a compressed body is not decoded, and
   * `url` is empty.
   *
   * @param path - A path with its query, or a URL: its host becomes Host, and its scheme decides whether the request counts as https.
   * @returns The response after its head has arrived. Rejects with `TEST_RESPONSE` if the server closes the connection before, with the
   * reason of an aborted signal, with `TEST_CLOSED`, and with `OPTION_VALUE`, `OPTION_UNKNOWN` or `TEST_REQUEST` for a wrong argument.
   */
  async request(path: string, init: TestRequestInit = {}): Promise<Response> {
    return this.#exchange(path, init, this.#sendInProcess);
  }

  /** Like {@link TestClient.request}, with the `fetch` of Node.js over a port on loopback. Its errors are those of `fetch`. */
  async fetch(path: string, init: TestRequestInit = {}): Promise<Response> {
    return this.#exchange(path, init, this.#sendOverPort);
  }

  /**
   * Opens a WebSocket over a port on loopback.
   *
   * @param path - A path with its query.
   * @returns Rejects with {@link WebSocketRefusedError} if the application responds with another status than 101.
   */
  async connect(path: string, options: TestConnectOptions = {}): Promise<TestWebSocket> {
    this.#server.assertOpen();
    assertNames('connect', options, ['protocols', 'headers', 'origin', 'websocket', 'signal']);
    const { headers = [] } = options;
    const url = urlOf(path, this.#server.origin);
    if (url.origin !== new URL(this.#server.origin).origin || url.protocol === 'https:') throw overPlainHttp('connect');
    const given = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
    const cookie = this.cookies.fieldFor(cookieUrlOf(url));
    if (cookie !== undefined && !given.some(([name]) => name.toLowerCase() === 'cookie'))
      given.push(['Cookie', cookie]);
    const address = `ws://127.0.0.1:${await this.#server.port()}${url.pathname}${url.search}`;
    try {
      const queue = new MessageQueue();
      const onMessage = (message: string | Buffer): Promise<void> | undefined => queue.put(message);
      const client = await connectWebSocket(address, {
        ...options,
        headers: given,
        onMessage,
        onClose: () => queue.end(),
      });
      this.#store(client.headers.getAll('set-cookie'), url);
      return new TestWebSocket(client, queue);
    } catch (error) {
      if (error instanceof WebSocketRefusedError) this.#store(error.response.headers.getAll('set-cookie'), url);
      throw error;
    }
  }

  async #exchange(path: string, init: TestRequestInit, send: Send): Promise<Response> {
    this.#server.assertOpen();
    let request = await outgoingRequest(path, init, this.#server.origin);
    for (let redirects = 0; ; redirects++) {
      request.signal?.throwIfAborted();
      const { url } = request;
      const hasCookie = request.fields.some(([name]) => name.toLowerCase() === 'cookie');
      const response = await send(request, hasCookie ? undefined : this.cookies.fieldFor(cookieUrlOf(url)));
      this.#store(response.headers.getSetCookie(), url);
      const next = request.follows ? redirected(request, response) : undefined;
      if (next === undefined) return response;
      if (redirects === maxRedirects) {
        throw new GaleError('TEST_RESPONSE', `${url.pathname} redirected more than ${maxRedirects} times.`);
      }
      await response.body?.cancel();
      request = next;
    }
  }

  #store(fields: readonly string[], url: URL): void {
    for (const field of fields) this.cookies.store(field, cookieUrlOf(url));
  }
}

function cookieUrlOf({ hostname, pathname, protocol }: URL): CookieUrl {
  return { hostname, pathname, isSecure: protocol === 'https:' };
}

/** Methods that have a length also without a body (RFC 9110 §8.6). */
const withLength = /^(?:POST|PUT|PATCH)$/;

function encode({ method, url, fields, body }: OutgoingRequest, cookie: string | undefined): EncodedRequest {
  let head = `${method} ${url.pathname}${url.search} HTTP/1.1\r\n`;
  let hasHost = false;
  let expectsContinue = false;
  for (const [name, value] of fields) {
    const lowered = name.toLowerCase();
    if (lowered === 'host') hasHost = true;
    else if (lowered === 'expect') expectsContinue = value.toLowerCase() === '100-continue';
    head += `${name}: ${value}\r\n`;
  }
  if (!hasHost) head += `Host: ${url.host}\r\n`;
  if (cookie !== undefined) head += `Cookie: ${cookie}\r\n`;
  if (body instanceof Uint8Array) head += `Content-Length: ${body.length}\r\n`;
  else if (body !== undefined) head += 'Transfer-Encoding: chunked\r\n';
  else if (withLength.test(method)) head += 'Content-Length: 0\r\n';
  return { method, head: `${head}\r\n`, body, expectsContinue: expectsContinue && body !== undefined };
}

async function fetchAt(port: number, request: OutgoingRequest, cookie: string | undefined): Promise<Response> {
  const { method, url, fields, body, signal } = request;
  if (url.protocol === 'https:') throw overPlainHttp('fetch');
  const headers = fields.map(([name, value]): [string, string] => [name, value]);
  if (cookie !== undefined) headers.push(['Cookie', cookie]);
  if (url.host !== '127.0.0.1') headers.push(['Host', url.host]);
  const init: RequestInit & { duplex?: 'half' } = { method, headers, redirect: 'manual' };
  if (signal !== undefined) init.signal = signal;
  if (body !== undefined) {
    init.body = (body instanceof Uint8Array ? body : ReadableStream.from(body)) as BodyInit;
    init.duplex = 'half';
  }
  return fetch(`http://127.0.0.1:${port}${url.pathname}${url.search}`, init);
}

function overPlainHttp(what: string): GaleError {
  return new GaleError(
    'TEST_REQUEST',
    `${what} uses a port without TLS and of one host; pass a path, and no origin with https. request() takes URLs of other hosts and of https.`,
  );
}

/** The request that follows a redirect to the same origin; `undefined` for every other response. */
function redirected(request: OutgoingRequest, response: Response): OutgoingRequest | undefined {
  const location = response.headers.get('location');
  if (location === null || ![301, 302, 303, 307, 308].includes(response.status)) return undefined;
  const url = URL.parse(location, request.url);
  if (url === null || url.origin !== request.url.origin) return undefined;
  const { status } = response;
  const isSame = status === 307 || status === 308 || request.method === 'GET' || request.method === 'HEAD';
  if (isSame || (status !== 303 && request.method !== 'POST')) return { ...request, url };
  const fields = request.fields.filter(([name]) => !name.toLowerCase().startsWith('content-'));
  return { ...request, url, method: 'GET', fields, body: undefined };
}
