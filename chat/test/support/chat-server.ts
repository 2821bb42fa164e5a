/**
 * For the tests of the chat: a server in its own process, and visitors with cookies and a socket.
 * Each test ends the servers and sockets that it started.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RoomsClient } from 'gale/client';
import type { MessageData } from '../../wire.ts';
import { upgradeStatus } from './upgrade-status.ts';
import { within } from './within.ts';

const serverPath = fileURLToPath(new URL('../../server.ts', import.meta.url));

/** How long a server may take to become healthy, in milliseconds. */
const healthyWithinMs = 30_000;

/** The password of all visitors. */
export const password = 'correct horse battery';

/** Options of a server for tests in which one person sends many messages at once. */
export const manyMessages: readonly string[] = [
  '--person-publish-burst=2000',
  '--room-publish-burst=2000',
  '--command-burst=5000',
];

/** How a server process is started. */
export interface ServerStart {
  /** Options of the command line, in addition to `--port=0`. */
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A chat server in its own process. */
export class ServerProcess {
  /** Its URL: `http://localhost:N`. */
  readonly url: string;
  /** The line that it printed at the start. */
  readonly line: string;
  readonly #child: ChildProcess;
  #output: string;

  constructor(child: ChildProcess, url: string, line: string, output: string) {
    this.#child = child;
    this.url = url;
    this.line = line;
    this.#output = output;
    child.stdout?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
  }

  /** All of its output so far. */
  get output(): string {
    return this.#output;
  }

  /** Waits until its output matches. @returns The output so far. */
  async prints(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#output)) {
      const more = once(this.#child.stdout ?? this.#child, 'data');
      await within(more, () => `output that matches ${pattern}; got ${this.#output}`);
    }
    return this.#output;
  }

  /** Its process id. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Waits until a health check that began after this call succeeds. */
  async healthy(): Promise<void> {
    const from = Date.now();
    for (const end = from + healthyWithinMs; ;) {
      const response = await fetch(`${this.url}/health`);
      const { checkedAt } = (await response.json()) as { readonly checkedAt: number };
      if (response.status === 200 && checkedAt > from) return;
      assert.ok(Date.now() < end, `not healthy within ${healthyWithinMs} ms: ${this.#output}`);
    }
  }

  /** Sends a signal and waits for the exit. @returns The exit code; null if the signal killed the process. */
  async end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL' = 'SIGKILL'): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, 'exit');
      this.#child.kill(signal);
      await within(exited, () => `the exit after ${signal}; got ${this.#output}`);
    }
    return this.#child.exitCode;
  }
}

/** Starts chat/server.ts and does not wait for it. It is killed at the end of the test. Its data are in a folder of its own by default. */
export function spawnServer(t: TestContext, { args = [], environment = {} }: ServerStart): ChildProcess {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(PORT|HOST|DATA_DIR|REDIS_URL|DATABASE_URL|ORIGIN|TRUSTED_PROXIES|COOKIE_SECRET|LOGGING|LIMITS|SETUP_TOKEN)$/.test(
          name,
        ),
    ),
  );
  const data = mkdtempSync(join(tmpdir(), 'gale-chat-'));
  const child = spawn(process.execPath, ['--conditions=gale-source', serverPath, ...args], {
    // Visitors register; tests of invites and of the setup replace it.
    env: { ...inherited, DATA_DIR: data, REGISTRATION: 'open', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
    await rm(data, { recursive: true, force: true });
  });
  return child;
}

/** Starts a server and waits until it listens. */
export async function startServer(t: TestContext, start: ServerStart = {}): Promise<ServerProcess> {
  const child = spawnServer(t, { ...start, args: ['--port=0', ...(start.args ?? [])] });
  const { promise, resolve, reject } = Promise.withResolvers<ServerProcess>();
  let output = '';
  let errors = '';
  let isServing = false;
  child.stdout?.on('data', (chunk: Buffer) => {
    if (isServing) return;
    output += chunk.toString();
    const line = output.split('\n').find((text) => text.includes('http://localhost:'));
    const url = line && /http:\/\/localhost:\d+/.exec(line)?.[0];
    if (!line || !url || !output.includes(`${line}\n`)) return;
    isServing = true;
    resolve(new ServerProcess(child, url, line, output + errors));
  });
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  child.once('exit', (code) => reject(new Error(`The server ended with ${code}: ${output}${errors}`)));
  return within(promise, () => `the start of the server: ${output}${errors}`);
}

/** The output and exit code of a program. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs chat/server.ts until it exits. */
export async function runServer(t: TestContext, start: ServerStart): Promise<Ended> {
  const child = spawnServer(t, start);
  let output = '';
  let errors = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const closed = once(child, 'close') as Promise<[number | null]>;
  const [code] = await within(closed, () => `the exit of the server: ${output}${errors}`);
  return { code, output, errors };
}

/** Creates a folder that is removed after the test. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gale-chat-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A minimal browser: stores cookies, submits forms, opens a socket. */
export class Visitor {
  readonly cookies: Map<string, string> = new Map();
  url: string;
  readonly #t: TestContext;

  constructor(t: TestContext, url: string) {
    this.#t = t;
    this.url = url;
  }

  get cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** Requests a page. Does not follow redirects. */
  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return this.#keep(
      await fetch(this.url + path, { redirect: 'manual', headers: { cookie: this.cookieHeader, ...headers } }),
    );
  }

  /** Sends exactly these fields of a form, so without an XSRF token. */
  async post(
    path: string,
    fields: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    return this.#keep(
      await fetch(this.url + path, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie: this.cookieHeader, ...headers },
        body: new URLSearchParams(fields),
      }),
    );
  }

  /** Opens the page of a form and submits the fields with its XSRF token. */
  async submit(path: string, fields: Readonly<Record<string, string>>, formPath: string = path): Promise<Response> {
    const page = await (await this.get(formPath)).text();
    const token = /name="_xsrf" value="([^"]+)"/.exec(page)?.[1];
    assert.ok(token, `no XSRF field in ${formPath}: ${page}`);
    return this.post(path, { _xsrf: token, ...fields });
  }

  async register(name: string): Promise<void> {
    const response = await this.submit('/register', { name, password });
    assert.equal(response.status, 303, await response.text());
  }

  async logIn(name: string): Promise<void> {
    const response = await this.submit('/login', { name, password });
    assert.equal(response.status, 303, await response.text());
  }

  /** Opens a WebSocket with this visitor's cookies. */
  socket(headers: Readonly<Record<string, string>> = {}): WebSocket {
    const Opener = WebSocket as unknown as new (url: string, options: object) => WebSocket;
    const socket = new Opener(`${this.url.replace('http', 'ws')}/socket`, {
      headers: { cookie: this.cookieHeader, origin: this.url, ...headers },
    });
    this.#t.after(() => socket.close());
    return socket;
  }

  /** Connects a rooms client that reconnects quickly after a restart of the server. */
  connect(): RoomsClient<MessageData> {
    const client = new RoomsClient<MessageData>({
      url: `${this.url.replace('http', 'ws')}/socket`,
      webSocket: () => this.socket(),
      minBackoffMs: 20,
      maxBackoffMs: 200,
    });
    this.#t.after(() => client.close());
    client.connect();
    return client;
  }

  /** Requests an upgrade to WebSocket. @returns The status of the response: 101, or that of the refusal. */
  handshake(headers: Readonly<Record<string, string>> = {}): Promise<number> {
    return upgradeStatus(`${this.url}/socket`, {
      headers: { origin: this.url, cookie: this.cookieHeader, ...headers },
    });
  }

  #keep(response: Response): Response {
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || value === '""') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }
}
