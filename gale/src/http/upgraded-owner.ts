/**
 * Replaces the connection of an upgraded request: only the client address is still needed. The connection with its HTTP state can be freed,
 * although the request may live as long as the socket.
 */
import type { Socket } from 'node:net';
import { GaleError } from '../errors.ts';
import type { Origin } from './proxy/forwarded.ts';
import type { RequestOwner, UpgradedConnection } from './request.ts';

/** Owner of an upgraded request. */
export class UpgradedOwner implements RequestOwner {
  readonly #socket: Socket;
  #remoteAddress: string | undefined;
  readonly protocol: 'http' | 'https';
  readonly isProxied: boolean;

  /** @param remoteAddress - `undefined` if it was never read: it is then read from the socket while that is open. */
  constructor(
    socket: Socket,
    remoteAddress: string | undefined,
    { protocol, isProxied }: Pick<RequestOwner, 'protocol' | 'isProxied'>,
  ) {
    this.#socket = socket;
    this.#remoteAddress = remoteAddress;
    this.protocol = protocol;
    this.isProxied = isProxied;
  }

  get remoteAddress(): string {
    return (this.#remoteAddress ??= this.#socket.remoteAddress ?? '');
  }

  get maxBodyBytes(): number {
    return 0;
  }

  /** There is no further response. */
  get maxResponseHeadBytes(): number {
    return 0;
  }

  /** An upgraded request has no body. */
  get bodyMemory(): undefined {
    return undefined;
  }

  /** The handler of the new protocol is notified instead, see {@link UpgradedConnection.attach}. */
  get isServerClosing(): boolean {
    return false;
  }

  /** The new protocol gets it with {@link UpgradedConnection}. */
  get wheel(): undefined {
    return undefined;
  }

  /** Proxy headers were read before the upgrade. */
  originOf(): Origin {
    return { address: this.remoteAddress, protocol: undefined, host: undefined };
  }

  upgrade(): UpgradedConnection {
    throw alreadyTaken();
  }

  resumeBody(): void {}

  pauseBody(): void {}

  rejectBody(): void {}
}

/** The error for a request that cannot be upgraded any more. */
export function alreadyTaken(): GaleError {
  return new GaleError(
    'HTTP_UPGRADE',
    'The request already has a response or was upgraded; upgrade it once, before a response.',
  );
}
