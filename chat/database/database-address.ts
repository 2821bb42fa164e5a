/**
 * The option `--database`. Its URL contains a password, which no message and no log line contains.
 */
import { StartError } from '../start-error.ts';

/** @throws {@link StartError} with one line. */
export function readDatabaseUrl(url: string): URL {
  // Neither the URL nor the error of the parser may be in the message.
  if (!URL.canParse(url))
    throw new StartError('--database is not a URL; it must be like postgres://name@host/database.');
  const parsed = new URL(url);
  if (['postgres:', 'postgresql:'].includes(parsed.protocol)) return parsed;
  throw new StartError(`--database must begin with postgres://; got ${parsed.protocol}//.`);
}

/** The URL without the name, the password and the parameters. */
export function shownDatabase({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}
