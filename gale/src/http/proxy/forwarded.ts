/**
 * Where a request came from, by the headers that proxies add: X-Forwarded-For and its kin, or Forwarded (RFC 7239). Each trusted hop
 * vouches for the one before it, so the lists are walked from the right; what stands left of the first stranger, anybody may have written.
 */
import { trimWhitespace } from '../protocol/characters.ts';
import { readForwardedField } from './forwarded-field.ts';
import type { HeaderList } from '../protocol/header-list.ts';
import { toShortAddress, toUnmappedAddress } from './ip-address.ts';
import { isAuthority } from '../protocol/target.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

/** Where a request came from. */
export interface Origin {
  /** Address of the client, or of the nearest hop that can be vouched for. */
  readonly address: string;
  /** What the client spoke; undefined if no proxy says so. */
  readonly protocol: 'http' | 'https' | undefined;
  /** Host and port the client meant, in lower case; undefined if no proxy says so. */
  readonly host: string | undefined;
}

/** The headers that the proxies set: `x-forwarded` is X-Forwarded-For, -Proto and -Host. */
export type ProxyHeaderKind = 'x-forwarded' | 'forwarded';

/**
 * Reads where a request came from. The address is the first one from the right that is not trusted, or the leftmost if all are; what
 * is no IP address ends the walk at the hop before it.
 *
 * Only one kind is read, because a proxy that sets one passes the other on as the client sent it: who believed both would let the
 * client choose.
 *
 * @param peer - Address of the socket; if it is not trusted, no header is believed.
 */
export function readForwarded(
  headers: HeaderList,
  peer: string,
  proxies: TrustedProxies,
  kind: ProxyHeaderKind,
): Origin {
  if (!proxies.has(peer)) return { address: peer, protocol: undefined, host: undefined };
  return kind === 'forwarded' ? readStandard(headers, peer, proxies) : readCustomary(headers, peer, proxies);
}

/** Reads X-Forwarded-For, which no standard describes, and its kin. */
function readCustomary(headers: HeaderList, peer: string, proxies: TrustedProxies): Origin {
  const hops = listOf(headers.get('x-forwarded-for'));
  const { address, index } = walk(hops, peer, proxies, addressOf);
  // Lists of one length were written by the same hops. Else only the last entry is known to be of a trusted one.
  const beside = (name: string): string | undefined => {
    const entries = listOf(headers.get(name));
    return entries[entries.length === hops.length && index !== undefined ? index : entries.length - 1];
  };
  return {
    address,
    protocol: protocolOf(beside('x-forwarded-proto')),
    host: hostOf(beside('x-forwarded-host')),
  };
}

/** Reads Forwarded. Line by line: joined, the quotes that a client left open would swallow what a proxy says. */
function readStandard(headers: HeaderList, peer: string, proxies: TrustedProxies): Origin {
  const hops: ReadonlyMap<string, string>[] = [];
  for (const value of headers.getAll('forwarded')) {
    const elements = readForwardedField(value);
    if (elements === undefined) return { address: peer, protocol: undefined, host: undefined };
    for (const element of elements) hops.push(element);
  }
  const { address, index } = walk(hops, peer, proxies, (hop) => nodeOf(hop.get('for') ?? ''));
  const chosen = hops[index ?? hops.length - 1];
  return { address, protocol: protocolOf(chosen?.get('proto')), host: hostOf(chosen?.get('host')) };
}

/** @returns The address, and which hop named it; no hop did if it is the peer's own. */
function walk<Hop>(
  hops: readonly Hop[],
  peer: string,
  proxies: TrustedProxies,
  toAddress: (hop: Hop) => string | undefined,
): { address: string; index: number | undefined } {
  let address = peer;
  let index: number | undefined;
  for (let at = hops.length - 1; at >= 0; at--) {
    const next = toAddress(hops[at] as Hop);
    if (next === undefined) break;
    address = next;
    index = at;
    if (!proxies.has(address)) break;
  }
  return { address, index };
}

/** An address of X-Forwarded-For: some proxies add the port, some put IPv6 into brackets. */
function addressOf(entry: string): string | undefined {
  return nodeOf(entry) ?? plainAddress(entry);
}

/** An address of `for`, RFC 7239 §6: IPv6 stands in brackets, a port may be hidden; `unknown` and `_hidden` are none. */
function nodeOf(node: string): string | undefined {
  const match = /^(?:\[([\d.:A-Fa-f]+)\]|([\d.]+))(?::(?:\d{1,5}|_[\w.-]+))?$/.exec(node);
  if (match === null) return undefined;
  const [, ipv6, ipv4 = ''] = match;
  if (ipv6 === undefined) return plainAddress(ipv4);
  return ipv6.includes(':') ? plainAddress(ipv6) : undefined;
}

function plainAddress(text: string): string | undefined {
  const short = toShortAddress(text);
  return short === undefined ? undefined : toUnmappedAddress(short);
}

function protocolOf(text: string | undefined): 'http' | 'https' | undefined {
  const protocol = text?.toLowerCase();
  return protocol === 'http' || protocol === 'https' ? protocol : undefined;
}

function hostOf(text: string | undefined): string | undefined {
  return text !== undefined && isAuthority(text) ? text.toLowerCase() : undefined;
}

/** Entries of a list without the blanks around them; an empty one counts, as it may be what a client put before the comma. */
function listOf(value: string | undefined): string[] {
  return value === undefined ? [] : value.split(',').map(trimWhitespace);
}
