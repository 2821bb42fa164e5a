/**
 * A `redis-server` for one test: on a free port, with its data in a temporary folder.
 * If the program is not installed, tests are skipped with the reason, or fail with `CI=true`.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

/** Options of {@link startRedis}. */
export interface RedisServerOptions {
  /** Whether every write is on disk before Redis responds. @defaultValue false: nothing is written to disk */
  readonly appendOnly?: boolean;
  /** Further command-line arguments, such as `['--requirepass', 'secret']`. */
  readonly args?: readonly string[];
}

/** The Redis of one test. */
export interface RedisServer {
  /** `redis://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  /** Stops it and removes its data. Safe to call at any time, more than once. */
  stop(): Promise<void>;
  /** Kills it with SIGKILL, like a crash. Its data is kept. */
  kill(): Promise<void>;
  /** Restarts it on the same port with the same data. Shuts it down first if it runs. */
  restart(): Promise<void>;
  /** Suspends its process without closing connections, until {@link thaw}. */
  freeze(): void;
  thaw(): void;
}

let isInstalled: boolean | undefined;

/**
 * The reason to skip tests with Redis, for the option `skip` of `node:test`. False if they run.
 * With `CI=true` they always run, and fail without the program.
 */
export function redisMissing(): string | false {
  isInstalled ??= spawnSync('redis-server', ['--version']).status === 0;
  return isInstalled || process.env['CI'] === 'true' ? false : 'redis-server is not installed';
}

/**
 * Starts a Redis and waits until it responds.
 *
 * @example
 * ```ts
 * test('with Redis', { skip: redisMissing() }, async (t) => {
 *   const redis = await startRedis();
 *   t.after(() => redis.stop());
 * });
 * ```
 */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'gale-redis-'));
  for (let attempt = 1; ; attempt++) {
    const redis = new RedisProcess(folder, await freePort(), options);
    try {
      await redis.start();
      return redis;
    } catch (error) {
      // Another program may have taken the port.
      if (attempt < 5 && String(error).includes('Address already in use')) continue;
      await redis.stop();
      throw error;
    }
  }
}

class RedisProcess implements RedisServer {
  readonly url: string;
  readonly port: number;
  readonly #folder: string;
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;
  readonly #onExit = (): void => {
    this.#child?.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  };

  constructor(folder: string, port: number, { appendOnly = false, args = [] }: RedisServerOptions) {
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
    this.#folder = folder;
    const appending = ['--appendonly', appendOnly ? 'yes' : 'no', '--appendfsync', 'always'];
    this.#args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...appending, ...args];
  }

  async start(): Promise<void> {
    const child = spawn('redis-server', this.#args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    // Ends it with the test process, even without a call of `stop`.
    process.once('exit', this.#onExit);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4000)));
    }
    let end: string | undefined;
    child.once('error', (error) => (end = error.message));
    child.once('exit', (code, signal) => (end ??= `it ended with ${signal ?? code}: ${output}`));
    const latest = performance.now() + 15_000;
    while (!(await responds(this.port))) {
      if (end !== undefined) throw new Error(`redis-server did not start: ${end}`);
      if (performance.now() > latest) throw new Error(`redis-server does not respond after 15 seconds: ${output}`);
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
    }
  }

  async stop(): Promise<void> {
    await this.#end('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  async restart(): Promise<void> {
    await this.#end('SIGTERM');
    await this.start();
  }

  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    process.off('exit', this.#onExit);
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    // A suspended process does not handle the signal.
    child.kill('SIGCONT');
    await exited;
  }
}

/** Whether a server on the port responds to a PING, also with an error. */
function responds(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.setTimeout(1000, () => socket.destroy());
    socket.once('data', (data) => {
      // The response is -LOADING while it loads its data.
      resolve(!data.toString().startsWith('-LOADING'));
      socket.destroy();
    });
    socket.once('error', () => socket.destroy());
    socket.once('close', () => resolve(false));
  });
}
