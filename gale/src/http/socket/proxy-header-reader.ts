/**
 * Reads the PROXY header at the start of a connection, then passes on the socket with the bytes after the header. A connection that begins
 * with anything else is destroyed, since the address of its client is unknown.
 */
import type { Socket } from 'node:net';
import { GaleError } from '../../errors.ts';
import type { Logger } from '../../run/log.ts';
import { readProxyHeader } from '../proxy/proxy-header.ts';
import type { ProxyHeader } from '../proxy/proxy-header.ts';
import type { ResolvedServerOptions } from '../options/server-options.ts';
import type { Deadline, TimerWheel, WheelNote } from '../timing/timer-wheel.ts';

/** What a reader needs from the server. */
export interface ProxyHeaderHost {
  readonly settings: ResolvedServerOptions;
  readonly log: Logger;
  readonly wheel: TimerWheel;
}

/** Reader of one header; waits at most `headTimeoutMs`. */
export class ProxyHeaderReader implements Deadline {
  wheelNote: WheelNote | undefined = undefined;
  readonly #host: ProxyHeaderHost;
  readonly #socket: Socket;
  readonly #onHeader: (header: ProxyHeader, rest: Buffer | undefined) => void;
  #bytes: Buffer | undefined;

  /** @param onHeader - Called once with the header and the bytes after it. The socket then has no listeners and is paused. */
  constructor(
    host: ProxyHeaderHost,
    socket: Socket,
    onHeader: (header: ProxyHeader, rest: Buffer | undefined) => void,
  ) {
    this.#host = host;
    this.#socket = socket;
    this.#onHeader = onHeader;
  }

  /** Starts to read. */
  start(): void {
    const socket = this.#socket;
    const { trustedProxies, headTimeoutMs } = this.#host.settings;
    socket.on('error', ignore);
    if (trustedProxies?.has(socket.remoteAddress ?? '') === false) {
      this.#refuse(refused('the address of the peer is not in trustedProxies'));
      return;
    }
    socket.on('data', this.#onData);
    socket.on('close', this.#onEnd);
    socket.on('end', this.#onEnd);
    if (headTimeoutMs > 0) this.#host.wheel.set(this, headTimeoutMs);
  }

  onDeadline(): void {
    this.#refuse(refused(`it did not arrive within ${this.#host.settings.headTimeoutMs} ms`));
  }

  readonly #onData = (bytes: Buffer): void => {
    this.#bytes = this.#bytes === undefined ? bytes : Buffer.concat([this.#bytes, bytes]);
    let header: ProxyHeader | undefined;
    try {
      header = readProxyHeader(this.#bytes);
    } catch (error) {
      return this.#refuse(error);
    }
    if (header === undefined) return;
    this.#stop();
    this.#socket.pause();
    const rest = this.#bytes.subarray(header.byteLength);
    this.#onHeader(header, rest.length > 0 ? rest : undefined);
  };

  readonly #onEnd = (): void => {
    this.#stop();
    this.#socket.destroy();
  };

  #stop(): void {
    this.#host.wheel.clear(this);
    this.#socket.off('data', this.#onData);
    this.#socket.off('close', this.#onEnd);
    this.#socket.off('end', this.#onEnd);
  }

  #refuse(error: unknown): void {
    this.#stop();
    const { remoteAddress } = this.#socket;
    this.#host.log.info({ err: error, remoteAddress }, 'Connection closed: no valid PROXY header');
    this.#socket.destroy();
  }
}

function refused(why: string): GaleError {
  return new GaleError('HTTP_PROXY_HEADER', `The PROXY header is not accepted: ${why}.`);
}

function ignore(): void {}
