/**
 * Options of `listen`: names, defaults and ranges.
 */
import {
  assertNames,
  assertString,
  maxTimerMs,
  readChoices,
  readIntegers,
  wrongValue,
} from '../../run/given-options.ts';

/** Where a server listens. */
export interface ListenOptions {
  /** TCP port; 0 selects a free one. @defaultValue 0 */
  readonly port?: number;
  /** Address to listen on. @defaultValue all, IPv6 and IPv4 */
  readonly host?: string;
  /** Path of a Unix socket, instead of port and host. An abandoned socket file is replaced. */
  readonly path?: string;
  /** Permissions of the file of the Unix socket. @defaultValue 0o600 */
  readonly mode?: number;
  /**
   * Allows several sockets to listen on the same port; the operating system distributes connections between them (`SO_REUSEPORT`).
   * @defaultValue false
   */
  readonly reusePort?: boolean;
  /** Maximum number of connections that wait to be accepted; the operating system may have a lower limit. @defaultValue 4 096 */
  readonly backlog?: number;
}

/** Validated {@link ListenOptions}. */
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
 * Validates the options and adds the defaults.
 *
 * @param port - A port, or options.
 * @param host - Only used if `port` is a number.
 * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
 */
export function resolveListenOptions(port: number | ListenOptions, host?: string): ResolvedListenOptions {
  const options: ListenOptions = isObject(port) ? port : withPort(port, host);
  assertNames('listen', options, names);
  const { path } = options;
  for (const name of ['host', 'path'] as const) {
    const value: unknown = options[name];
    if (value !== undefined) assertString(name, value);
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

/** A missing port must not mean port 0. */
function withPort(port: number, host: string | undefined): ListenOptions {
  if (port === undefined) throw wrongValue('port', 'an integer from 0 to 65535', port);
  return host === undefined ? { port } : { port, host };
}
