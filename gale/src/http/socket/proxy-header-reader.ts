/**
 * The first bytes of a connection from a proxy that speaks the PROXY protocol: read until its header is complete, then the socket is
 * handed on with what followed. A connection that begins with anything else is cut, since its address could not be believed.
 */
import type { Socket } from 'node:net';
import { GaleError } from '../../errors.ts';
import type { Logger } from '../../run/log.ts';
import { readProxyHeader } from '../proxy/proxy-header.ts';
import type { ProxyHeader } from '../proxy/proxy-header.ts';
import type { ResolvedServerOptions } from '../options/server-options.ts';
import type { Deadline, TimerWheel, WheelNote } from '../timing/timer-wheel.ts';

/** What a greeting needs of the server. */
export interface ProxyHeaderHost {
  readonly settings: ResolvedServerOptions;
  readonly log: Logger;
  readonly wheel: TimerWheel;
}

/** Waits for the header of one connection, at most `headTimeoutMs`. */
export class ProxyHeaderReader implements Deadline {
  wheelNote: WheelNote | undefined = undefined;
  readonly #host: ProxyHeaderHost;
  readonly #socket: Socket;
  readonly #onHeader: (header: ProxyHeader, rest: Buffer | undefined) => void;
  #bytes: Buffer | undefined;

  /** @param onHeader - Gets the header and the bytes behind it, once; the socket has no listeners then and is paused. */
  constructor(
    host: ProxyHeaderHost,
    socket: Socket,
    onHeader: (header: ProxyHeader, rest: Buffer | undefined) => void,
  ) {
    this.#host = host;
    this.#socket = socket;
    this.#onHeader = onHeader;
  }

  /** Begins to read. */
  start(): void {
    const socket = this.#socket;
    const { trustedProxies, headTimeoutMs } = this.#host.settings;
    socket.on('error', ignore);
    if (trustedProxies?.has(socket.remoteAddress ?? '') === false) {
      this.#refuse(refused('it comes from an address that is not among trustedProxies'));
      return;
    }
    socket.on('data', this.#onData);
    socket.on('close', this.#onEnd);
    socket.on('end', this.#onEnd);
    if (headTimeoutMs > 0) this.#host.wheel.set(this, headTimeoutMs);
  }

  onDeadline(): void {
    this.#refuse(refused(`it did not come within ${this.#host.settings.headTimeoutMs} ms`));
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
    this.#leave();
    this.#socket.pause();
    const rest = this.#bytes.subarray(header.byteLength);
    this.#onHeader(header, rest.length > 0 ? rest : undefined);
  };

  readonly #onEnd = (): void => {
    this.#leave();
    this.#socket.destroy();
  };

  #leave(): void {
    this.#host.wheel.clear(this);
    this.#socket.off('data', this.#onData);
    this.#socket.off('close', this.#onEnd);
    this.#socket.off('end', this.#onEnd);
  }

  #refuse(error: unknown): void {
    this.#leave();
    const { remoteAddress } = this.#socket;
    this.#host.log.info({ err: error, remoteAddress }, 'A connection did not begin with the header of a proxy; cut.');
    this.#socket.destroy();
  }
}

function refused(why: string): GaleError {
  return new GaleError('HTTP_PROXY_HEADER', `The header of the PROXY protocol cannot be used: ${why}.`);
}

function ignore(): void {}
