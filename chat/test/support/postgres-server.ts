/**
 * A PostgreSQL for one test file: on a free port of this machine, with its data in a temporary folder. Each test has a database of its own.
 * If the program is not installed, tests are skipped with the reason, or fail with `CI=true`.
 */
import { spawn, spawnSync, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from 'gale/testing';

/** The PostgreSQL of one test file. */
export interface PostgresServer {
  /** Makes an empty database. @returns Its URL. */
  createDatabase(): Promise<string>;
  /** Stops it at once and removes its data. */
  stop(): Promise<void>;
  /** Stops it at once, like a crash; its data is kept. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with the same data. */
  start(): Promise<void>;
}

/** Where Debian installs the programs of each version. */
const debianFolder = '/usr/lib/postgresql';
/** How long the start may take, in milliseconds. */
const startMs = 30_000;

let folder: string | undefined | null;

/** The folder of `initdb` and `postgres`; undefined if they are not installed. */
function programs(): string | undefined {
  folder ??= findPrograms() ?? null;
  return folder ?? undefined;
}

function findPrograms(): string | undefined {
  const installed = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' });
  const folders = installed.status === 0 ? [installed.stdout.trim()] : [];
  try {
    const versions = readdirSync(debianFolder).toSorted((a, b) => Number(b) - Number(a));
    folders.push(...versions.map((version) => join(debianFolder, version, 'bin')));
  } catch {
    // Not Debian.
  }
  return folders.find((each) => spawnSync(join(each, 'postgres'), ['--version']).status === 0);
}

/** The reason to skip tests with PostgreSQL, for the option `skip` of `node:test`. False if they run. */
export function postgresMissing(): string | false {
  return programs() !== undefined || process.env['CI'] === 'true' ? false : 'postgres is not installed';
}

/** Starts it and waits until it responds. */
export async function startPostgres(): Promise<PostgresServer> {
  const bin = programs();
  if (bin === undefined) throw new Error('postgres is not installed');
  const server = new PostgresProcess(bin, await freePort());
  await server.start();
  return server;
}

class PostgresProcess implements PostgresServer {
  readonly #bin: string;
  readonly #port: number;
  readonly #folder: string;
  /** initdb and postgres refuse to run as root; then they run as the user postgres. */
  readonly #as: SpawnOptions;
  #process: ChildProcess | undefined;
  #databases = 0;

  constructor(bin: string, port: number) {
    this.#bin = bin;
    this.#port = port;
    this.#folder = mkdtempSync(join(tmpdir(), 'gale-postgres-'));
    const user = process.getuid?.() === 0 ? userNamed('postgres') : undefined;
    this.#as = { cwd: this.#folder, stdio: ['ignore', 'ignore', 'pipe'], ...user };
    if (user) chownSync(this.#folder, user.uid, user.gid);
    const options = ['--pgdata', join(this.#folder, 'data'), '--username=gale', '--auth=trust', '--encoding=UTF8'];
    const made = spawnSync(join(bin, 'initdb'), [...options, '--no-locale', '--no-sync'], this.#as);
    if (made.status !== 0) throw new Error(`initdb failed: ${String(made.stderr)}`);
  }

  async start(): Promise<void> {
    const settings = {
      listen_addresses: '127.0.0.1',
      port: this.#port,
      unix_socket_directories: '',
      shared_buffers: '16MB',
      max_connections: 200,
      fsync: 'off',
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const started = spawn(join(this.#bin, 'postgres'), ['-D', join(this.#folder, 'data'), ...options], this.#as);
    this.#process = started;
    let output = '';
    started.stderr?.on('data', (bytes: Buffer) => (output = (output + bytes.toString()).slice(-4000)));
    const until = Date.now() + startMs;
    for (;;) {
      const error = await this.#run('SELECT 1').catch((reason: unknown) => reason as Error);
      if (!(error instanceof Error)) return;
      if (started.exitCode !== null || Date.now() > until) {
        throw new Error(`postgres did not start: ${error.message}\n${output}`);
      }
      await delay(20);
    }
  }

  async createDatabase(): Promise<string> {
    const name = `chat_${++this.#databases}`;
    await this.#run(`CREATE DATABASE ${name}`);
    return this.#url(name);
  }

  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (!running || running.exitCode !== null) return;
    const exited = once(running, 'exit');
    // The signal for an immediate shutdown: it does not wait for connections.
    running.kill('SIGQUIT');
    await exited;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #url(database: string): string {
    return `postgres://gale@127.0.0.1:${this.#port}/${database}`;
  }

  async #run(sql: string): Promise<void> {
    const client = new Client({ connectionString: this.#url('postgres') });
    try {
      await client.connect();
      await client.query(sql);
    } finally {
      await client.end();
    }
  }
}

function userNamed(name: string): { readonly uid: number; readonly gid: number } {
  const idOf = (flag: string): number => Number(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout);
  return { uid: idOf('-u'), gid: idOf('-g') };
}
