/**
 * The redirect after a login. `next` is part of the URL, so an attacker can choose it. Only a path on this site is accepted,
 * and nothing that a browser could read as another site.
 */
import { assertString } from '../run/given-options.ts';

/**
 * Returns `next` if it is a path of this site, otherwise `fallback`.
 *
 * @param next - As sent: `/story/7?page=2`. Refused are `//host`, backslashes, schemes, control characters,
 *   leading spaces, dot segments that result in `//`, and more than 2,048 characters.
 * @param fallback - @defaultValue `/`
 * @throws {@link GaleError} `OPTION_VALUE` if one of them is not a string.
 */
export function safeNext(next: string | undefined, fallback = '/'): string {
  if (next !== undefined) assertString('next', next);
  assertString('fallback', fallback);
  if (next === undefined || next.length > maxCharacters) return fallback;
  if (!/^\/(?!\/)[^\\\p{Cc}]*$/u.test(next) || !next.isWellFormed()) return fallback;
  const url = URL.canParse(next, here) ? new URL(next, here) : undefined;
  return url?.origin === here && !url.pathname.startsWith('//') ? next : fallback;
}

/** Not all proxies and browsers support longer URLs. */
const maxCharacters = 2048;
const here = 'http://site.invalid';
