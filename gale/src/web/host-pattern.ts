/**
 * Matches the host of a request: one name, all subdomains of one (`*.example.com`), or a regular expression.
 */
import { GaleError } from '../errors.ts';

/** Whether a host name, in lower case and without a port, matches. */
export type HostTest = (hostName: string) => boolean;

/**
 * Compiles a host pattern. Dots match dots, case and ports are ignored. A name in another script matches its punycode, which
 * browsers send.
 *
 * @throws {@link GaleError} `WEB_ROUTE` if it is not a valid host name, or a regular expression that is in no host name.
 */
export function createHostTest(pattern: string | RegExp): HostTest {
  if (pattern instanceof RegExp) {
    if (/[^\0-\x7f]/.test(pattern.source)) {
      throw refusal(pattern, 'must have the ASCII form of a host name, which clients send, such as xn--bcher-kva');
    }
    const expression = new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gimy]/g, '') + 'i');
    return (hostName) => expression.test(hostName);
  }
  const name = typeof pattern === 'string' ? toAscii(pattern.toLowerCase()) : '';
  if (!/^(?:\*\.)?(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/.test(name)) {
    throw refusal(pattern, 'must be a host name without scheme and port, or a RegExp');
  }
  if (!name.startsWith('*.')) return (hostName) => hostName === name;
  const suffix = name.slice(1);
  return (hostName) => hostName.length > suffix.length && hostName.endsWith(suffix);
}

/** The name as clients send it. What is no host name is unchanged. */
function toAscii(name: string): string {
  const [, wildcard = '', host = ''] = /^(\*\.)?([^\s/?#@:\\]*[^\0-\x7f][^\s/?#@:\\]*)$/.exec(name) ?? [];
  return URL.canParse(`http://${host}`) ? wildcard + new URL(`http://${host}`).hostname : name;
}

function refusal(pattern: unknown, rule: string): GaleError {
  const given = typeof pattern === 'string' ? JSON.stringify(pattern) : String(pattern);
  return new GaleError('WEB_ROUTE', `host pattern ${rule}; got ${given}.`);
}

/** Removes the port of a Host header. The brackets of an IPv6 address stay. */
export function hostNameOf(host: string): string {
  const colon = host.lastIndexOf(':');
  return colon > host.lastIndexOf(']') ? host.slice(0, colon) : host;
}
