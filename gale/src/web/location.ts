/**
 * The target of a redirect as the value of a Location header. A target is read as browsers read it, by the URL standard:
 * encoding it never changes where it leads.
 *
 * @see https://url.spec.whatwg.org/#concept-basic-url-parser
 */
import { GaleError } from '../errors.ts';
import { trimWhitespace } from '../http/protocol/characters.ts';
import { showValue } from '../run/given-options.ts';

/**
 * Encodes a target. Spaces and tabs at both ends are removed. A backslash before the query becomes the slash that browsers
 * take it for. A host in another script becomes punycode. Percent-encoding is unchanged.
 *
 * @throws {@link GaleError} `WEB_HEADER` if the target is empty or has control characters, or if no browser can follow it.
 */
export function toLocation(target: string | URL): string {
  if (typeof target !== 'string' && !(target instanceof URL)) throw refusal('must be a string or a URL', target);
  const url = trimWhitespace(String(target)).toWellFormed();
  if (/\p{Cc}/u.test(url)) throw refusal('must not have control characters', target);
  if (url === '') throw refusal('must not be empty', target);
  if (!URL.canParse(url, anySite)) throw refusal('must be a URL or a path that browsers can follow', target);
  if (unfollowed.test(url)) throw refusal('must not have a scheme whose redirects browsers refuse', target);
  if (/^[!#-;=?-[\]^-~]+$/.test(url)) return url;
  const [, path = '', rest = ''] = /^([^?#]*)(.*)$/s.exec(url) ?? [];
  return encodeStart(path) + encode(rest);
}

/** Adds a query to a URL, before its fragment. The URL may have a query already. */
export function withQuery(url: string, query: string): string {
  if (query === '') return url;
  const [, path = '', fragment = ''] = /^([^#]*)(.*)$/s.exec(url) ?? [];
  const separator = /[?&]$/.test(path) ? '' : path.includes('?') ? '&' : '?';
  return `${path}${separator}${query}${fragment}`;
}

/** Encodes scheme, host and path. */
function encodeStart(text: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1];
  // In other schemes a backslash is no slash, and a space can stay a space.
  if (scheme !== undefined && !slashSchemes.has(scheme.toLowerCase())) return encodeBeyondAscii(text);
  const slashes = text.replaceAll('\\', '/');
  const [, before = '', host = '', after = ''] =
    /^((?:[a-z][a-z0-9+.-]*:)?\/\/(?:[^/]*@)?)([^/:@]+)(.*)$/is.exec(slashes) ?? [];
  if (isAscii(host)) return encode(slashes);
  return encode(before) + new URL(`http://${host}`).hostname + encode(after);
}

/** Encodes what browsers encode in every part of a URL. Other ASCII characters stay, since they do not encode `|` or `[`. */
function encode(text: string): string {
  return encodeBeyondAscii(text).replace(/[ "<>]/g, encodeURIComponent);
}

function encodeBeyondAscii(text: string): string {
  return text.replace(/[\u0080-\u{10ffff}]+/gu, encodeURIComponent);
}

function isAscii(text: string): boolean {
  return !/[\u0080-\uffff]/.test(text);
}

function refusal(rule: string, target: unknown): GaleError {
  const given = typeof target === 'string' ? JSON.stringify(target) : showValue(target);
  return new GaleError('WEB_HEADER', `url of a redirect ${rule}; got ${given}.`);
}

/** Whether a target can be followed does not depend on the site. */
const anySite = 'http://site.invalid/';
/** Browsers follow no redirect to these schemes, since they run or show what the server wrote into the URL. */
const unfollowed = /^(?:javascript|data|blob|about|view-source|vbscript):/i;
/** Special schemes of the URL standard. */
const slashSchemes: ReadonlySet<string> = new Set(['http', 'https', 'ws', 'wss', 'ftp', 'file']);
