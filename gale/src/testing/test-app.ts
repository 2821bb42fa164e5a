/**
 * An application under test: requests in process, a port on loopback on first use, cookies, WebSockets, its log and its clock. It closes
 * everything when the test ends, and fails the test for an unexpected warning or error in the log.
 */
import { GaleError } from '../errors.ts';
import { HttpServer } from '../http/server.ts';
import { assertMethods, assertNames, wrongValue } from '../run/given-options.ts';
import type { LogLevel } from '../run/log.ts';
import { Application } from '../web/application.ts';
import { MemoryTransport } from './memory-transport.ts';
import type { EncodedRequest } from './memory-connection.ts';
import { TestClient, type TestServer } from './test-client.ts';
import { TestClock } from './test-clock.ts';
import { TestLog, type ExpectLogOptions, type LogPattern, type TestLogLine } from './test-log.ts';

/** What a function that builds the application receives. */
export interface TestTools {
  /** For the setting `log`, and for other parts that log, such as rooms. */
  readonly log: TestLog;
  readonly clock: TestClock;
}

/** An application of any routes. */
export type TestedApplication = Pick<Application, 'handle' | 'settings'>;

/** The part of the context of `node:test` that is used; `{ after: onTestFinished }` is the same for Vitest. */
export interface TestHooks {
  after(close: () => Promise<void>): unknown;
}

/** Options of {@link testApp}. */
export interface TestAppOptions {
  /** Context of the test: the test app closes by itself after it. @defaultValue the test calls `close()` */
  readonly t?: TestHooks;
  /** Fixed time of the clock until `clock.advance`. @defaultValue the clock runs */
  readonly time?: Date | number;
  /** Scheme and host of paths, such as `https://chat.example`, for `request`. @defaultValue http://127.0.0.1 */
  readonly origin?: string;
  /** Lowest level of the lines that are kept. @defaultValue info */
  readonly logLevel?: LogLevel;
}

/**
 * Starts a test of an application. Its log and its clock are those of the test until it closes, also where the settings name others.
 *
 * @param app - The application, or a function that builds it with the log and the clock of the test.
 * @returns Rejects with `OPTION_VALUE`, `OPTION_UNKNOWN` or `TEST_REQUEST`, and with the error of the function.
 * @example
 * test('greets', async (t) => {
 *   const app = await testApp(new Application([['/hello', Hello]]), { t });
 *   const response = await app.request('/hello');
 *   assert.equal(await response.text(), 'Hello, world!');
 * });
 */
export async function testApp(
  app: TestedApplication | ((tools: TestTools) => TestedApplication | Promise<TestedApplication>),
  options: TestAppOptions = {},
): Promise<TestApp> {
  assertNames('testApp', options, ['t', 'time', 'origin', 'logLevel']);
  const { t, time, logLevel = 'info' } = options;
  if (t !== undefined) assertMethods('t', t, ['after'], 'the context of a test, with the method after');
  const origin = originOf(options.origin ?? 'http://127.0.0.1');
  const tools = { log: new TestLog(logLevel), clock: new TestClock(time) };
  const application = typeof app === 'function' ? await app(tools) : app;
  if (!(application instanceof Application))
    throw wrongValue('app', 'an Application or a function that returns one', app);
  const tested = new TestApp(new TestedServer(application, origin, tools));
  t?.after(() => tested.close());
  return tested;
}

/** Applications that are under test. Two tests at a time would share one log. */
const underTest: WeakSet<Application> = new WeakSet();

/** The application, its server and its tools. */
class TestedServer implements TestServer {
  readonly tools: TestTools;
  readonly origin: string;
  readonly #application: Application;
  readonly #server: HttpServer;
  readonly #transport: MemoryTransport;
  readonly #restore: () => void;
  #port: Promise<number> | undefined;
  #closed: Promise<void> | undefined;

  constructor(application: Application, origin: string, tools: TestTools) {
    if (underTest.has(application)) {
      throw new GaleError(
        'TEST_REQUEST',
        'The application is under test already; close that test app first, or build one for each test.',
      );
    }
    this.#application = application;
    this.origin = origin;
    this.tools = tools;
    const { log, clock } = tools;
    // The port of a test has no proxy in front and no certificate.
    const { tls: _tls, proxyProtocol: _proxyProtocol, ...server } = application.settings.server ?? {};
    this.#server = new HttpServer((request, response) => application.handle(request, response), {
      ...server,
      log,
      wheel: server.wheel ?? clock.wheel,
    });
    this.#transport = new MemoryTransport(this.#server);
    this.#restore = application.useTools({ log, now: clock.now });
    underTest.add(application);
  }

  now(): number {
    return this.tools.clock.now();
  }

  send(protocol: 'http' | 'https', request: EncodedRequest, signal: AbortSignal | undefined): Promise<Response> {
    return this.#transport.send(protocol, request, signal);
  }

  port(): Promise<number> {
    this.#port ??= this.#server.listen(0, '127.0.0.1').then(({ port }) => port);
    return this.#port;
  }

  assertOpen(): void {
    if (this.#closed !== undefined) {
      throw new GaleError('TEST_CLOSED', 'The test app is closed; use it before its test ends.');
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const { log, clock } = this.tools;
    try {
      await this.#server.close({ graceMs: 0 });
    } finally {
      clock.wheel.stop();
      this.#restore();
      underTest.delete(this.#application);
      log.end();
    }
    const fault = log.fault();
    if (fault !== undefined) throw fault;
  }
}

/** An application under test, with its first client. */
export class TestApp extends TestClient {
  /** Time of the application. */
  readonly clock: TestClock;
  readonly #server: TestedServer;

  /** Created by {@link testApp}. @internal */
  constructor(server: TestedServer) {
    super(server);
    this.#server = server;
    this.clock = server.tools.clock;
  }

  /** Log lines so far, the oldest first. */
  get log(): readonly TestLogLine[] {
    return this.#server.tools.log.lines;
  }

  /** Another client, with its own cookies. */
  client(): TestClient {
    this.#server.assertOpen();
    return new TestClient(this.#server);
  }

  /**
   * Expects a log line. A warning or error that no expectation matches, and an expectation that no line matches, fail the test at `close()`.
   *
   * @param pattern - Part of the line, or a regular expression. A line is `level: message (reason)`, such as
   * `error: A handler failed (Out of order)`. Or an object with the level, the message and some fields.
   * @returns The first matching line, also one from before; need not be awaited. Rejects with `TEST_LOG` if none appears in time.
   * @example
   * await app.expectLog({ level: 'warn', message: 'A health check failed', fields: { check: 'database', err: /refused/ } });
   */
  expectLog(pattern: string | RegExp | LogPattern, options?: ExpectLogOptions): Promise<TestLogLine> {
    return this.#server.tools.log.expect(pattern, options);
  }

  /** Listens on a free port of loopback, if it does not yet. @returns Its URL, such as `http://127.0.0.1:41234`. */
  async listen(): Promise<string> {
    this.#server.assertOpen();
    return `http://127.0.0.1:${await this.#server.port()}`;
  }

  /**
   * Closes all connections and the server. Further calls return the same promise.
   *
   * @returns Rejects with `TEST_LOG` if the log has lines that the test does not expect, or lacks some.
   */
  close(): Promise<void> {
    return this.#server.close();
  }

  /** The same as {@link TestApp.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function originOf(value: unknown): string {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' && url.hash === '') {
    return url.origin;
  }
  throw wrongValue('origin', 'an origin without a path, such as https://chat.example', value);
}
