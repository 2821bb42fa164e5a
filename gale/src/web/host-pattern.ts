/**
 * Matches the host of a request: one name, all subdomains of one (`*.example.com`), or a regular expression.
 */
import { GaleError } from '../errors.ts';

/** Whether a host name, in lower case and without a port, matches. */
export type HostTest = (hostName: string) => boolean;

/**
 * Compiles a host pattern. Dots match dots, case and ports are ignored.
 *
 * @throws {@link GaleError} `WEB_ROUTE` if it is not a valid host name.
 */
export function createHostTest(pattern: string | RegExp): HostTest {
  if (typeof pattern !== 'string') {
    const expression = new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gimy]/g, '') + 'i');
    return (hostName) => expression.test(hostName);
  }
  const name = pattern.toLowerCase();
  if (!/^(?:\*\.)?(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/.test(name)) {
    throw new GaleError(
      'WEB_ROUTE',
      `host pattern must be a host name without scheme and port, or a RegExp; got ${JSON.stringify(pattern)}.`,
    );
  }
  if (!name.startsWith('*.')) return (hostName) => hostName === name;
  const suffix = name.slice(1);
  return (hostName) => hostName.length > suffix.length && hostName.endsWith(suffix);
}

/** Removes the port of a Host header. The brackets of an IPv6 address stay. */
export function hostNameOf(host: string): string {
  const colon = host.lastIndexOf(':');
  return colon > host.lastIndexOf(']') ? host.slice(0, colon) : host;
}
