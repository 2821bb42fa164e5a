/**
 * An application on a real socket, for the tests of web. It closes after the test. An unexpected warning or error in its log
 * fails the test.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import type { Logger } from '../../../src/run/log.ts';
import { Application } from '../../../src/web/application.ts';
import type { Route } from '../../../src/web/route.ts';
import type { Settings } from '../../../src/web/settings.ts';

/** One line of a log. */
export interface LogLine {
  readonly level: keyof Logger;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A running application. */
export interface Served {
  readonly app: Application;
  readonly port: number;
  /** All log lines so far. */
  readonly lines: readonly LogLine[];
  /** Requests a path. Does not follow redirects. */
  get(path: string, init?: RequestInit): Promise<Response>;
  /** Sends `text`, one byte for each character, and reads until the server closes. Rejects after 10 s without data. */
  raw(text: string): Promise<string>;
  /** Waits for a log line and marks it as expected. Rejects after 5 s. */
  expectLine(pattern: RegExp): Promise<LogLine>;
}

/** Starts an application for one test. */
export async function serve(context: TestContext, routes: readonly Route[], settings: Settings = {}): Promise<Served> {
  const log = new WatchedLog();
  const app = new Application(routes, { log, ...settings });
  const server = await app.listen(0, '127.0.0.1');
  context.after(async () => {
    await server.close({ graceMs: 0 });
    assert.deepEqual(log.unexpected(), []);
  });
  const { port } = server;
  return {
    app,
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

class WatchedLog implements Logger {
  readonly lines: LogLine[] = [];
  readonly #expected: RegExp[] = [];
  #wake: (() => void)[] = [];

  debug(fields: object, message: string): void {
    this.#add('debug', fields, message);
  }

  info(fields: object, message: string): void {
    this.#add('info', fields, message);
  }

  warn(fields: object, message: string): void {
    this.#add('warn', fields, message);
  }

  error(fields: object, message: string): void {
    this.#add('error', fields, message);
  }

  async expect(pattern: RegExp): Promise<LogLine> {
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
    return loud.filter((text) => !this.#expected.some((pattern) => pattern.test(text)));
  }

  #add(level: keyof Logger, fields: object, message: string): void {
    this.lines.push({ level, fields: { ...fields }, message });
    for (const wake of this.#wake.splice(0)) wake();
  }
}

function textOf({ level, fields, message }: LogLine): string {
  const { err } = fields;
  return `${level}: ${message}${err instanceof Error ? ` (${err.message})` : ''}`;
}
