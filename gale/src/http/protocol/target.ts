/**
 * Parses request targets in their four forms, and authorities (`host:port`) in targets and in Host. RFC 9112 §3.2, RFC 3986 §3.2.
 * The characters were validated before; this file validates the structure.
 */
import { ProtocolError } from '../../errors.ts';

/** Parts of a request target. */
export interface Target {
  /** Path, still percent-encoded; `*` in the asterisk form and its equivalents, empty in the authority form. */
  readonly path: string;
  /** The part after the first `?`; may be empty. */
  readonly query: string;
  /** Host and port in the target; undefined if only the Host header names them. */
  readonly authority: string | undefined;
}

/**
 * Parses a target that is not in origin form (does not begin with `/`).
 *
 * @throws {@link ProtocolError} `HTTP_REQUEST_LINE` if it has none of the other three forms, or one that the method does not allow.
 */
export function readTarget(method: string, target: string): Target {
  if (method === 'CONNECT') {
    if (!isAuthority(target) || !/:\d+$/.test(target)) throw malformed('CONNECT needs a target host:port');
    return { path: '', query: '', authority: target };
  }
  if (target === '*') {
    if (method !== 'OPTIONS') throw malformed('the target * is for OPTIONS only');
    return { path: '*', query: '', authority: undefined };
  }
  const absolute = /^https?:\/\/([^/?]+)([^?]*)(?:\?(.*))?$/i.exec(target);
  if (!absolute) throw malformed('the target is in none of the four forms');
  const [, authority = '', path = '', query = ''] = absolute;
  if (!isAuthority(authority)) throw malformed('the target names an invalid host');
  // OPTIONS for a URI without path and query is about the whole server, like `*` (RFC 9112 §3.2.4).
  const emptyPath = method === 'OPTIONS' && !target.includes('?') ? '*' : '/';
  return { path: path === '' ? emptyPath : path, query, authority };
}

/**
 * Whether `text` is a host (a name, an IPv4 address, or an IPv6 or later address in brackets) with or without a port. User information, an
 * empty text, a comma and an IPv6 zone are not allowed. RFC 3986 §3.2.2.
 */
export function isAuthority(text: string): boolean {
  const match = authority.exec(text);
  if (!match) return false;
  const { ipv6, port = '' } = match.groups as { ipv6?: string; port?: string };
  return Number(port) <= 65535 && (ipv6 === undefined || URL.canParse(`http://[${ipv6}]/`));
}

const authority =
  /^(?:\[(?:(?<ipv6>[0-9A-Fa-f:.]+)|[vV][0-9A-Fa-f]+\.[\w.~!$&'()*+;=:-]+)\]|(?:[\w.~!$&'()*+;=-]|%[0-9A-Fa-f]{2})+)(?::(?<port>\d{0,5}))?$/;

function malformed(why: string): ProtocolError {
  return new ProtocolError('HTTP_REQUEST_LINE', `Malformed request line: ${why}.`);
}
