/** One node of a scenario as its own process: started, killed, suspended and ordered to fail. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Resources } from './measured-limits.ts';
import { Proxy } from './proxy.ts';
import type { NodeOrder, NodeWord } from './node-program.ts';

const program = fileURLToPath(new URL('node-program.ts', import.meta.url));
/** Longest start, in milliseconds; other programs may use the processors. */
const startMs = 30_000;
const outputCharacters = 20_000;

/** A node. It keeps its port over restarts. */
export class Node {
  /** The end of its output: log lines at warning or above. */
  output = '';
  readonly word: NodeWord;
  readonly #flags: readonly string[];
  #child: ChildProcess | undefined;
  #proxy: Proxy | undefined;
  readonly #replies = new Map<number, (value: unknown) => void>();
  #lastId = 0;

  constructor(word: NodeWord, flags: readonly string[] = []) {
    this.word = word;
    this.#flags = flags;
  }

  /** Address without a proxy. */
  get url(): string {
    return `ws://127.0.0.1:${this.word.port}/socket`;
  }

  /** Address through {@link proxy}. */
  get proxied(): string {
    if (!this.#proxy) throw new Error('This node has no proxy; open it with openProxy.');
    return `ws://127.0.0.1:${this.#proxy.port}/socket`;
  }

  /** The proxy between clients and this node. */
  get proxy(): Proxy {
    if (!this.#proxy) throw new Error('This node has no proxy; open it with openProxy.');
    return this.#proxy;
  }

  get pid(): number {
    return this.#child?.pid as number;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Opens the proxy of this node. */
  async openProxy(): Promise<Proxy> {
    this.#proxy ??= await Proxy.open(this.word.port);
    return this.#proxy;
  }

  /** Starts the process and waits until it serves. */
  async start(): Promise<void> {
    const args = ['--conditions=gale-source', '--expose-gc', ...this.#flags, program, JSON.stringify(this.word)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    this.#child = child;
    process.once('exit', this.#onExit);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.output = (this.output + chunk.toString()).slice(-outputCharacters)));
    }
    const serving = Promise.withResolvers<void>();
    child.on('message', (message: { serves?: true; id?: number; value?: unknown }) => {
      if (message.serves) serving.resolve();
      else this.#replies.get(message.id ?? 0)?.(message.value);
    });
    child.once('exit', (code, signal) => {
      serving.reject(new Error(`a node ended with ${signal ?? code}: ${this.output}`));
      for (const resolve of this.#replies.values()) resolve(undefined);
      this.#replies.clear();
    });
    child.once('error', (error) => serving.reject(error));
    const timer = setTimeout(() => serving.reject(new Error(`a node did not start: ${this.output}`)), startMs);
    await serving.promise.finally(() => clearTimeout(timer));
  }

  /** Orders it to do something. @returns Its reply; undefined if it ends first. */
  async order(order: NodeOrder): Promise<unknown> {
    const id = ++this.#lastId;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#replies.set(id, resolve);
    this.#child?.send({ id, ...order }, (error) => error && resolve(undefined));
    return promise.finally(() => this.#replies.delete(id));
  }

  /** Number of its open connections. */
  async connections(): Promise<number> {
    return Number(await this.order({ order: 'connections' }));
  }

  /** Resources after a garbage collection, which pauses the node. */
  async measure(): Promise<Resources> {
    return (await this.order({ order: 'measure' })) as Resources;
  }

  /** Status of `/readyz`; 0 without a response within 3 seconds. */
  async ready(): Promise<number> {
    try {
      const signal = AbortSignal.timeout(3000);
      const response = await fetch(`http://127.0.0.1:${this.word.port}/readyz`, { signal });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return 0;
    }
  }

  /** Ends it with SIGKILL, like a crash. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Ends it with SIGTERM. @returns Its exit code; undefined if a signal ended it. */
  async stop(): Promise<number | undefined> {
    await this.#end('SIGTERM');
    return this.#child?.exitCode ?? undefined;
  }

  /** Suspends it until {@link thaw}. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Kills it and closes its proxy. */
  async close(): Promise<void> {
    await this.kill();
    await this.#proxy?.close();
  }

  readonly #onExit = (): void => void this.#child?.kill('SIGKILL');

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    process.off('exit', this.#onExit);
    const child = this.#child;
    if (!child || !this.isRunning) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    // A suspended process does not handle SIGTERM.
    child.kill('SIGCONT');
    await exited;
  }
}
