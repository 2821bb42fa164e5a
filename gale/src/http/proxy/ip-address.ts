/**
 * IP addresses as text: one spelling for each, so that two that are the same compare as the same. What a network is stands in
 * trusted-proxies.ts.
 */
import { isIPv4, isIPv6, SocketAddress } from 'node:net';

/**
 * Spells an address as `remoteAddress` of a socket does: IPv6 in lower case and short (RFC 5952), IPv4 mapped into it with dots.
 *
 * @returns `undefined` if `text` is no address. One with a zone (`fe80::1%eth0`) is none: a zone means something to one host only.
 */
export function toShortAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!isIPv6(text) || text.includes('%')) return undefined;
  return new SocketAddress({ address: text, family: 'ipv6' }).address;
}

/** Takes IPv4 out of IPv6 that it is mapped into (`::ffff:10.0.0.1`); other addresses stay. Takes the spelling of {@link toShortAddress}. */
export function toUnmappedAddress(address: string): string {
  return address.startsWith(mapped) && address.includes('.', mapped.length) ? address.slice(mapped.length) : address;
}

/**
 * The part of an address that one client has to itself: all of IPv4, the first 64 bits of IPv6 (RFC 4291 §2.5.4, RFC 7421).
 * For limits per address: one customer of a provider has a whole /64.
 *
 * @param address - In any spelling, such as `remoteAddress` of a request; IPv6 perhaps with a zone.
 * @returns The IPv4 address, also for IPv4 mapped into IPv6; four groups of IPv6 (`2001:db8:0:1`); any other text as it is, in lower case.
 */
export function toNetwork(address: string): string {
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

/** Whether what {@link toNetwork} returned is this machine's own: 127.0.0.0/8, or the network of ::1. */
export function isLoopbackNetwork(network: string): boolean {
  return network.startsWith('127.') || network === '0:0:0:0';
}

/** RFC 4291 §2.5.5.2 */
const mapped = '::ffff:';
