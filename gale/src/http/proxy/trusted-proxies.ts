/**
 * The proxies that the server trusts: addresses and networks, validated once and looked up for each request.
 * forwarded.ts and proxy-header.ts read what these proxies report.
 */
import { BlockList, isIPv4 } from 'node:net';
import { GaleError } from '../../errors.ts';
import { showText } from '../../run/shown-text.ts';
import { toShortAddress, toUnmappedAddress } from './ip-address.ts';

/** Names of groups of networks. RFC 1122 §3.2.1.3, RFC 4291; RFC 1918, RFC 3927, RFC 4193. */
const namedNetworks: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', 'fc00::/7', 'fe80::/10'],
};
/** Maximum number of cached results. A few proxies send most requests. A key from a header keeps its whole head in memory. */
const maxCachedResults = 16;

/** A set of addresses that are trusted. */
export class TrustedProxies {
  /** Separate lists, because a BlockList finds IPv4 addresses in networks of IPv6 too, as mapped addresses. */
  readonly #ipv4 = new BlockList();
  readonly #ipv6 = new BlockList();
  #hasUnix = false;
  readonly #cache = new Map<string, boolean>();

  /**
   * @param addresses - IP addresses, networks (`10.0.0.0/8`, `fc00::/7`), and the words `loopback`, `private` (RFC 1918, RFC 4193 and
   *   link-local) and `unix` (all clients of Unix sockets).
   * @throws {@link GaleError} `OPTION_VALUE` for any other entry.
   */
  constructor(addresses: readonly string[]) {
    for (const entry of addresses) {
      const networks = Object.hasOwn(namedNetworks, entry) ? (namedNetworks[entry] as readonly string[]) : [entry];
      if (entry === 'unix') this.#hasUnix = true;
      else for (const network of networks) this.#add(network);
    }
  }

  /**
   * Whether an address is trusted.
   *
   * @param address - As the socket reports it, possibly with a zone. Mapped IPv4 counts as IPv4; empty means a Unix socket.
   */
  has(address: string): boolean {
    if (address === '') return this.#hasUnix;
    const known = this.#cache.get(address);
    if (known !== undefined) return known;
    const isTrusted = this.#find(address);
    if (this.#cache.size >= maxCachedResults) this.#cache.clear();
    this.#cache.set(address, isTrusted);
    return isTrusted;
  }

  #find(address: string): boolean {
    const zone = address.indexOf('%');
    const short = toShortAddress(zone < 0 ? address : address.slice(0, zone));
    if (short === undefined) return false;
    const plain = toUnmappedAddress(short);
    return isIPv4(plain) ? this.#ipv4.check(plain, 'ipv4') : this.#ipv6.check(plain, 'ipv6');
  }

  #add(entry: string): void {
    const [, text = '', digits] = /^([^/]*)(?:\/(0|[1-9]\d{0,2}))?$/.exec(entry) ?? [];
    const short = toShortAddress(text);
    if (short === undefined) throw wrong(entry);
    const address = toUnmappedAddress(short);
    const isMapped = address !== short;
    const bits = isIPv4(address) ? 32 : 128;
    const prefix = digits === undefined ? bits : Number(digits) - (isMapped ? 96 : 0);
    if (prefix < 0 || prefix > bits) throw wrong(entry);
    if (bits === 32) this.#ipv4.addSubnet(address, prefix, 'ipv4');
    else this.#ipv6.addSubnet(address, prefix, 'ipv6');
  }
}

function wrong(entry: string): GaleError {
  return new GaleError(
    'OPTION_VALUE',
    `An entry of trustedProxies must be an IP address, a network such as 10.0.0.0/8, loopback, private or unix; got ${showText(entry)}.`,
  );
}
