/**
 * Normalises IP addresses as text, so that equal addresses have equal spellings. trusted-proxies.ts handles networks.
 */
import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import { assertString } from '../../run/given-options.ts';

/**
 * Spells an address like `remoteAddress` of a socket: IPv6 in lower case and short (RFC 5952), mapped IPv4 with dots.
 *
 * @returns `undefined` if `text` is not an address. Addresses with a zone (`fe80::1%eth0`) are rejected: a zone is valid on one host only.
 */
export function toShortAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!isIPv6(text) || text.includes('%')) return undefined;
  return new SocketAddress({ address: text, family: 'ipv6' }).address;
}

/** Converts mapped IPv4 (`::ffff:10.0.0.1`) to IPv4; returns other addresses unchanged. Expects the spelling of {@link toShortAddress}. */
export function toUnmappedAddress(address: string): string {
  return address.startsWith(mapped) && address.includes('.', mapped.length) ? address.slice(mapped.length) : address;
}

/**
 * The network of one client, for limits per address: the whole IPv4 address, or the first 64 bits of IPv6 (RFC 4291 §2.5.4, RFC 7421), since
 * providers assign a whole /64 to each customer.
 *
 * @param address - In any spelling, such as `remoteAddress` of a request; IPv6 may have a zone.
 * @returns The IPv4 address, also for mapped IPv4; four groups of IPv6 (`2001:db8:0:1`); any other text in lower case.
 * @throws {@link GaleError} `OPTION_VALUE` if `address` is not a string.
 */
export function toNetwork(address: string): string {
  assertString('address', address);
  const plain = toUnmappedAddress(address.toLowerCase());
  if (!plain.includes(':')) return plain;
  const [front = '', back] = plain.split('::');
  const groups = front === '' ? [] : front.split(':');
  if (back !== undefined) {
    const last = back === '' ? [] : back.split(':');
    while (groups.length + last.length < 8) groups.push('0');
    groups.push(...last);
  }
  const network = groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
  return network.join(':');
}

/** Whether a result of {@link toNetwork} is a loopback network: 127.0.0.0/8, or the network of ::1. */
export function isLoopbackNetwork(network: string): boolean {
  return network.startsWith('127.') || network === '0:0:0:0';
}

/** RFC 4291 §2.5.5.2 */
const mapped = '::ffff:';
