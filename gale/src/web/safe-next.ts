/**
 * Where to go after a login: `next` comes from the address bar, so anybody may have written it.
 * Only a path on this site is followed; everything that a browser could read as another site is not.
 */

/**
 * Gives back `next` if it is a path of this site, else `fallback`.
 *
 * @param next - As the client sent it: `/story/7?page=2`. Refused are `//host`, backslashes, schemes, control
 *   characters, blanks in front, dots that lead to a second slash, and more than 2,048 characters.
 * @param fallback - @defaultValue `/`
 */
export function safeNext(next: string | undefined, fallback = '/'): string {
  if (next === undefined || next.length > maxCharacters) return fallback;
  if (!/^\/(?!\/)[^\\\p{Cc}]*$/u.test(next) || !next.isWellFormed()) return fallback;
  const url = URL.canParse(next, here) ? new URL(next, here) : undefined;
  return url?.origin === here && !url.pathname.startsWith('//') ? next : fallback;
}

/** Proxies and browsers do not agree on longer addresses. */
const maxCharacters = 2048;
const here = 'http://site.invalid';
