/**
 * The log of a chat without the tokens of links. An invite link and a link to sign in are paths, and log lines of requests have the path:
 * a person who reads the log must not be able to use the links in it.
 */
import type { Logger } from 'gale';

/** Paths whose rest is a token. */
const linkPath = /^(\/(?:invite|sign-in)\/).+/s;

/** @returns A log that writes to `log`, with `…` in place of each token. */
export function withoutTokens(log: Logger): Logger {
  const isLevelEnabled: unknown = Reflect.get(log, 'isLevelEnabled');
  return {
    debug: (fields, message) => log.debug(hide(fields), message),
    info: (fields, message) => log.info(hide(fields), message),
    warn: (fields, message) => log.warn(hide(fields), message),
    error: (fields, message) => log.error(hide(fields), message),
    // The server asks it whether lines of requests are written.
    ...(typeof isLevelEnabled === 'function' ? { isLevelEnabled: isLevelEnabled.bind(log) as unknown } : {}),
  };
}

function hide(fields: object): object {
  const path: unknown = Reflect.get(fields, 'path');
  return typeof path === 'string' && linkPath.test(path) ? { ...fields, path: path.replace(linkPath, '$1…') } : fields;
}
