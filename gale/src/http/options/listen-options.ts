/**
 * Where a server listens: names, defaults and ranges.
 */
import { assertNames, maxTimerMs, readChoices, readIntegers, wrongValue } from '../../run/given-options.ts';

/** Where to listen. */
export interface ListenOptions {
  /** TCP port; 0 takes a free one. @defaultValue 0 */
  readonly port?: number;
  /** Address to listen on. @defaultValue all, IPv6 and IPv4 */
  readonly host?: string;
  /** Path of a Unix socket instead of port and host. A socket file that nobody listens at any more is replaced. */
  readonly path?: string;
  /** Rights of the Unix socket's file. @defaultValue 0o600 */
  readonly mode?: number;
  /** Let other sockets listen on the same port, between which the operating system divides connections (`SO_REUSEPORT`). @defaultValue false */
  readonly reusePort?: boolean;
  /** Connections that may wait to be accepted; the operating system has a limit of its own. @defaultValue 4 096 */
  readonly backlog?: number;
}

/** {@link ListenOptions}, checked. */
export interface ResolvedListenOptions {
  readonly port: number;
  readonly host: string | undefined;
  readonly path: string | undefined;
  readonly mode: number;
  readonly reusePort: boolean;
  readonly backlog: number;
}

const ranges = { port: [0, 0, 65_535], mode: [0o600, 0, 0o777], backlog: [4_096, 1, maxTimerMs] } as const;
const names = [...Object.keys(ranges), 'host', 'path', 'reusePort'];

/**
 * Puts the defaults where nothing is given.
 *
 * @param port - A port, or options.
 * @param host - Beside a port only.
 * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
 */
export function resolveListenOptions(port: number | ListenOptions, host?: string): ResolvedListenOptions {
  const options: ListenOptions = isObject(port) ? port : withPort(port, host);
  assertNames('listen', options, names);
  const { path } = options;
  for (const name of ['host', 'path'] as const) {
    const value: unknown = options[name];
    if (value !== undefined && typeof value !== 'string') throw wrongValue(name, 'text', value);
  }
  if (path === '') throw wrongValue('path', 'the path of a Unix socket', path);
  return {
    ...readIntegers(options, ranges),
    ...readChoices(options, { reusePort: [false, true] }),
    host: options.host,
    path,
  };
}

function isObject(port: unknown): port is ListenOptions {
  return typeof port === 'object' && port !== null;
}

/** A port that was forgotten is not a free one. */
function withPort(port: number, host: string | undefined): ListenOptions {
  if (port === undefined) throw wrongValue('port', 'an integer from 0 to 65535', port);
  return host === undefined ? { port } : { port, host };
}
