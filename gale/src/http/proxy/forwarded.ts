/**
 * Finds the client of a request in the headers that proxies add: X-Forwarded-For, -Proto and -Host, or Forwarded (RFC 7239). A trusted proxy
 * reports the hop before it correctly, so the lists are read from the right. Entries left of the first untrusted hop may be forged.
 */
import { trimWhitespace } from '../protocol/characters.ts';
import { readForwardedField } from './forwarded-field.ts';
import type { HeaderList } from '../protocol/header-list.ts';
import { toShortAddress, toUnmappedAddress } from './ip-address.ts';
import { isAuthority } from '../protocol/target.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

/** Origin of a request. */
export interface Origin {
  /** Address of the client, or of the last hop that a trusted proxy has reported. */
  readonly address: string;
  /** Protocol of the client; undefined if no proxy reports it. */
  readonly protocol: 'http' | 'https' | undefined;
  /** Host and port that the client requested, in lower case; undefined if no proxy reports them. */
  readonly host: string | undefined;
}

/** The headers that the proxies set: `x-forwarded` is X-Forwarded-For, -Proto and -Host. */
export type ProxyHeaderKind = 'x-forwarded' | 'forwarded';

/**
 * Reads the origin of a request. The address is the first untrusted one from the right, or the leftmost if all are trusted. An entry that is
 * not an IP address ends the search at the hop before it.
 *
 * Only one kind of header is read: a proxy that sets one kind passes the other on as the client sent it, so a client could forge it.
 *
 * @param peer - Address of the socket; if it is not trusted, all headers are ignored.
 */
export function readForwarded(
  headers: HeaderList,
  peer: string,
  proxies: TrustedProxies,
  kind: ProxyHeaderKind,
): Origin {
  if (!proxies.has(peer)) return { address: peer, protocol: undefined, host: undefined };
  return kind === 'forwarded' ? readForwardedFields(headers, peer, proxies) : readXForwarded(headers, peer, proxies);
}

/** Reads X-Forwarded-For, -Proto and -Host, which no standard describes. */
function readXForwarded(headers: HeaderList, peer: string, proxies: TrustedProxies): Origin {
  const hops = listOf(headers.get('x-forwarded-for'));
  const { address, index } = walk(hops, peer, proxies, addressOf);
  // Lists of equal length were written by the same hops. Otherwise only the last entry is known to come from a trusted hop.
  const matching = (name: string): string | undefined => {
    const entries = listOf(headers.get(name));
    return entries[entries.length === hops.length && index !== undefined ? index : entries.length - 1];
  };
  return {
    address,
    protocol: protocolOf(matching('x-forwarded-proto')),
    host: hostOf(matching('x-forwarded-host')),
  };
}

/** Reads Forwarded, line by line: in joined lines, a quote that a client left open would hide the entries of a proxy. */
function readForwardedFields(headers: HeaderList, peer: string, proxies: TrustedProxies): Origin {
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

/** @returns The address and the index of the hop that reported it; undefined for the address of the peer itself. */
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

/** An address of X-Forwarded-For. Some proxies add the port, some put IPv6 into brackets. */
function addressOf(entry: string): string | undefined {
  return nodeOf(entry) ?? plainAddress(entry);
}

/** An address of `for`, RFC 7239 §6: IPv6 is in brackets, a port may be obfuscated; `unknown` and `_hidden` are not addresses. */
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

/** The protocol of a proxy. Some proxies name the one of the WebSocket that begins with this request: wss runs over https, ws over http. */
function protocolOf(text: string | undefined): 'http' | 'https' | undefined {
  switch (text?.toLowerCase()) {
    case 'https':
    case 'wss':
      return 'https';
    case 'http':
    case 'ws':
      return 'http';
    default:
      return undefined;
  }
}

function hostOf(text: string | undefined): string | undefined {
  return text !== undefined && isAuthority(text) ? text.toLowerCase() : undefined;
}

/** Trimmed entries of a list. Empty entries count, because a client may have sent them before the comma. */
function listOf(value: string | undefined): string[] {
  return value === undefined ? [] : value.split(',').map(trimWhitespace);
}
