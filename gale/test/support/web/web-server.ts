/**
 * An application on a real socket, for the tests of web. It closes after the test. An unexpected warning or error in its log, or
 * a message without the form of log messages, fails the test.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { Application } from '../../../src/web/application.ts';
import type { ListeningServer } from '../../../src/web/application.ts';
import type { CheckedRoutes } from '../../../src/web/checked-routes.ts';
import type { Route } from '../../../src/web/route.ts';
import type { Settings } from '../../../src/web/settings.ts';
import { messageForm, RecordedLog } from '../recorded-log.ts';
import type { RecordedLine } from '../recorded-log.ts';

/** A running application. */
export interface Served {
  readonly app: Application;
  readonly server: ListeningServer;
  readonly port: number;
  /** All log lines so far. */
  readonly lines: readonly RecordedLine[];
  /** Requests a path. Does not follow redirects. */
  get(path: string, init?: RequestInit): Promise<Response>;
  /** Sends `text`, one byte for each character, and reads until the server closes. Rejects after 10 s without data. */
  raw(text: string): Promise<string>;
  /** Waits for a log line and marks it as expected. Rejects after 5 s. */
  expectLine(pattern: RegExp): Promise<RecordedLine>;
}

/** Starts an application for one test. */
export async function serve<const Paths, const Handlers, const Options>(
  context: TestContext,
  routes: CheckedRoutes<Paths, Handlers, Options>,
  settings: Settings = {},
): Promise<Served> {
  const log = new WatchedLog();
  const app = new Application(routes as unknown as readonly Route[], { log, ...settings });
  const server = await app.listen(0, '127.0.0.1');
  context.after(async () => {
    await server.close({ graceMs: 0 });
    assert.deepEqual(log.unexpected(), []);
  });
  const { port } = server;
  return {
    app,
    server,
    port,
    lines: log.lines,
    get: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual', ...init }),
    raw: (text) => exchangeBytes(port, text),
    expectLine: (pattern) => log.expect(pattern),
  };
}

/** Sends `text`, one byte for each character, and reads until the server closes. */
async function exchangeBytes(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.setEncoding('latin1').on('data', (data: string) => {
    received += data;
  });
  socket.setTimeout(10_000, () => socket.destroy(new Error(`The server did not close; it sent ${received}`)));
  socket.write(text, 'latin1');
  await once(socket, 'close');
  return received;
}

class WatchedLog extends RecordedLog {
  readonly #expected: RegExp[] = [];
  #wake: (() => void)[] = [];

  async expect(pattern: RegExp): Promise<RecordedLine> {
    this.#expected.push(pattern);
    for (;;) {
      const found = this.lines.find((line) => pattern.test(textOf(line)));
      if (found !== undefined) return found;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const timer = setTimeout(
        reject,
        5_000,
        new Error(`No log line matches ${pattern}; got ${this.lines.map(textOf).join('\n')}`),
      );
      this.#wake.push(resolve);
      await promise.finally(() => clearTimeout(timer));
    }
  }

  unexpected(): string[] {
    const loud = this.lines.filter(({ level }) => level === 'warn' || level === 'error').map(textOf);
    return [
      ...loud.filter((text) => !this.#expected.some((pattern) => pattern.test(text))),
      ...this.messages
        .filter((message) => !messageForm.test(message))
        .map((message) => `not a stable message: ${message}`),
    ];
  }

  protected override add(level: RecordedLine['level'], fields: object, message: string): void {
    super.add(level, fields, message);
    for (const wake of this.#wake.splice(0)) wake();
  }
}

function textOf({ level, fields, message }: RecordedLine): string {
  const { err, reason } = fields;
  const why = err instanceof Error ? err.message : reason;
  return `${level}: ${message}${typeof why === 'string' ? ` (${why})` : ''}`;
}
