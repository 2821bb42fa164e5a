/**
 * The proxies whose word about a client is taken: addresses and networks, checked once and then asked for each request.
 * What they say is read in forwarded.ts and proxy-protocol.ts.
 */
import { BlockList, isIPv4 } from 'node:net';
import { GaleError } from '../../errors.ts';
import { showText } from '../../run/shown-text.ts';
import { toShortAddress, toUnmappedAddress } from './ip-address.ts';

/** Words that stand for networks. RFC 1122 §3.2.1.3, RFC 4291; RFC 1918, RFC 3927, RFC 4193. */
const namedNetworks: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', 'fc00::/7', 'fe80::/10'],
};
/** Answers that are remembered. Few proxies ask for most; a text from a header keeps all of its head in memory. */
const maxRemembered = 16;

/** A set of addresses that are trusted. */
export class TrustedProxies {
  /** Apart, because BlockList finds IPv4 in networks of IPv6 too, as if all of IPv4 were mapped. */
  readonly #ipv4 = new BlockList();
  readonly #ipv6 = new BlockList();
  #hasUnix = false;
  readonly #remembered = new Map<string, boolean>();

  /**
   * @param addresses - IP addresses, networks (`10.0.0.0/8`, `fc00::/7`), and the words `loopback`, `private` (RFC 1918, RFC 4193 and
   *   link-local) and `unix` (whoever connects over a Unix socket).
   * @throws {@link GaleError} `OPTION_VALUE` naming the entry that is none of these.
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
   * @param address - As the socket tells it, perhaps with a zone; IPv4 mapped into IPv6 counts as IPv4, empty is a Unix socket.
   */
  has(address: string): boolean {
    if (address === '') return this.#hasUnix;
    const known = this.#remembered.get(address);
    if (known !== undefined) return known;
    const isTrusted = this.#find(address);
    if (this.#remembered.size >= maxRemembered) this.#remembered.clear();
    this.#remembered.set(address, isTrusted);
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
