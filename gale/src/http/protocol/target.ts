/**
 * Request targets in their four forms, and the authorities (`host:port`) inside them and in Host. RFC 9112 §3.2, RFC 3986 §3.2.
 * Characters were checked before; this is about structure only.
 */
import { ProtocolError } from '../../errors.ts';

/** What a request target says. */
export interface Target {
  /** Path, still percent-encoded; `*` in the asterisk form and what means the same, empty in the authority form. */
  readonly path: string;
  /** What stands behind the first `?`; empty if nothing does. */
  readonly query: string;
  /** Host and port that the target itself names; undefined where the Host header has to. */
  readonly authority: string | undefined;
}

/**
 * Reads a target that is not in origin form (does not begin with `/`).
 *
 * @throws {@link ProtocolError} `HTTP_REQUEST_LINE` if the form is none of the other three or not the method's.
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
  // OPTIONS for a URI without path and query is about the server as a whole, as `*` is (RFC 9112 §3.2.4).
  const emptyPath = method === 'OPTIONS' && !target.includes('?') ? '*' : '/';
  return { path: path === '' ? emptyPath : path, query, authority };
}

/** Whether `text` is a host with or without a port; user information is not allowed, an empty text is not one. */
export function isAuthority(text: string): boolean {
  const match = /^(?:(\[[0-9A-Fa-f:.]+\])|((?:[\w.~!$&'()*+;=-]|%[0-9A-Fa-f]{2})+))(?::(\d{0,5}))?$/.exec(text);
  if (!match) return false;
  const [, address, , port = ''] = match;
  return Number(port) <= 65535 && (address === undefined || URL.canParse(`http://${address}/`));
}

function malformed(why: string): ProtocolError {
  return new ProtocolError('HTTP_REQUEST_LINE', `Malformed request line: ${why}.`);
}
