/**
 * What an upgraded request still asks of its connection: who the client is. The connection itself, with all it holds for HTTP, is let
 * go of, since the request may live as long as the socket does.
 */
import type { Socket } from 'node:net';
import { GaleError } from '../errors.ts';
import type { Origin } from './proxy/forwarded.ts';
import type { RequestOwner, UpgradedConnection } from './request.ts';

/** The owner of a request that was taken out of HTTP. */
export class UpgradedOwner implements RequestOwner {
  readonly #socket: Socket;
  #remoteAddress: string | undefined;
  readonly protocol: 'http' | 'https';
  readonly isProxied: boolean;

  /** @param remoteAddress - `undefined` while nobody has asked: the socket is asked then, as long as it is open. */
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

  /** What a proxy said was read before the upgrade. */
  originOf(): Origin {
    return { address: this.remoteAddress, protocol: undefined, host: undefined };
  }

  isGone(): boolean {
    return false;
  }

  goneError(): GaleError {
    return clientGone();
  }

  upgrade(): UpgradedConnection {
    throw alreadyTaken();
  }

  resumeBody(): void {}

  pauseBody(): void {}

  rejectBody(): void {}
}

/** The client has left, so it cannot be answered. */
export function clientGone(): GaleError {
  return new GaleError('HTTP_CLIENT_GONE', 'The client left before its answer was complete.');
}

/** The request cannot be upgraded any more. */
export function alreadyTaken(): GaleError {
  return new GaleError('HTTP_UPGRADE', 'The request was already answered or upgraded; upgrade it first and once.');
}
