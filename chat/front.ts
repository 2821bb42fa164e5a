/**
 * Where people reach the chat: this server itself, or a proxy in front of it that speaks TLS.
 * A proxy is believed only if whoever runs the server named its origin.
 */
import { BlockList, isIP } from 'node:net';
import type { HttpRequest } from 'gale';
import { StartError } from './start-error.ts';

/** This machine and private networks: RFC 1918, RFC 4193, loopback and link-local. */
const nearAddresses = new BlockList();
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  nearAddresses.addSubnet(network, prefix, 'ipv4');
}
nearAddresses.addAddress('::1', 'ipv6');
nearAddresses.addSubnet('fc00::', 7, 'ipv6');
nearAddresses.addSubnet('fe80::', 10, 'ipv6');

function isNear(address: string): boolean {
  return nearAddresses.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

export class Front {
  /** Origin of the proxy, as browsers write it; undefined without one. */
  readonly origin: string | undefined;

  /**
   * @param origin - `https://chat.example`, or empty for no proxy.
   * @throws {@link StartError} if it is anything else than scheme, host and port.
   */
  constructor(origin: string = '') {
    if (origin !== '' && (!/^https?:\/\//.test(origin) || !URL.canParse(origin) || new URL(origin).origin !== origin)) {
      throw new StartError(`--origin is scheme and host, such as https://chat.example, not ${JSON.stringify(origin)}.`);
    }
    this.origin = origin === '' ? undefined : origin;
  }

  /** Whether the browser came over https, so that its cookies are for that alone. */
  isSecure(request: HttpRequest): boolean {
    return this.origin === undefined ? request.protocol === 'https' : this.origin.startsWith('https:');
  }

  /**
   * The visitor's address: behind a proxy the last one of X-Forwarded-For, which the proxy itself has written.
   * Only who connects from this machine or a private network can be the proxy; others are who they are.
   */
  addressOf(request: HttpRequest): string {
    const peer = request.remoteAddress;
    if (this.origin === undefined || !isNear(peer)) return peer;
    const forwarded = request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim();
    return forwarded !== undefined && isIP(forwarded) !== 0 ? forwarded : peer;
  }
}
