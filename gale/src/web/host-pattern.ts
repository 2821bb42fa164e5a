/**
 * Which hosts a group of routes answers: one name, all names below one (`*.example.com`), or a regular expression.
 */
import { GaleError } from '../errors.ts';

/** Says whether a host name, lower-case and without a port, belongs to a group. */
export type HostTest = (hostName: string) => boolean;

/**
 * Compiles a host pattern. Dots are dots, case does not matter, ports are not looked at.
 *
 * @throws {@link GaleError} `WEB_ROUTE` if it holds what no host name has.
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
      `The host pattern ${JSON.stringify(pattern)} is no host name. Leave out scheme and port; write /…/ for a regular expression.`,
    );
  }
  if (!name.startsWith('*.')) return (hostName) => hostName === name;
  const suffix = name.slice(1);
  return (hostName) => hostName.length > suffix.length && hostName.endsWith(suffix);
}

/** Takes the port off a Host header's value; the brackets of an IPv6 address stay. */
export function hostNameOf(host: string): string {
  const colon = host.lastIndexOf(':');
  return colon > host.lastIndexOf(']') ? host.slice(0, colon) : host;
}
