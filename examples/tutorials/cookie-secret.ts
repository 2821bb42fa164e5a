/** The secret with which the programs of the tutorial sign cookies. It is not in the code. */
import { GaleError } from 'gale';

/** The environment variable COOKIE_SECRET. @throws {@link GaleError} `WEB_SECRET` without it. */
export function cookieSecret(): string {
  const secret = process.env['COOKIE_SECRET'];
  if (secret !== undefined && secret !== '') return secret;
  throw new GaleError(
    'WEB_SECRET',
    'This program needs a secret in the environment variable COOKIE_SECRET: export COOKIE_SECRET=$(npx gale secret)',
  );
}
