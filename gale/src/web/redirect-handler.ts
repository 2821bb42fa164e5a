/** Redirects every GET of a path to another URL, with the query. */
import { RequestHandler } from './handler.ts';
import { HttpError } from './http-error.ts';
import { withQuery } from './location.ts';
import { decodePercent, NotUtf8Error } from './percent-encoding.ts';

/** The `init` of a route to {@link RedirectHandler}. */
export interface RedirectInit {
  /**
   * Target. `{0}`, `{1}` … and `{name}` are replaced by the arguments of the path. In the path of the target, an encoded
   * slash stays `%2F`. In its host, an argument that is not part of a host name is 400.
   */
  readonly url: string;
  /** Whether the status is 301, which browsers cache, or 302. @defaultValue true */
  readonly permanent?: boolean;
}

/**
 * Redirects.
 *
 * @example
 * ['/pictures/:file', RedirectHandler, { init: { url: '/photos/{file}' } }]
 */
export class RedirectHandler extends RequestHandler<unknown, RedirectInit> {
  /** True, so that a redirect keeps `%2F`. */
  static override readonly keepsPathEncoding: boolean = true;

  /** Redirects to the URL of `init`. */
  async get(...values: readonly (string | Readonly<Record<string, string>> | undefined)[]): Promise<void> {
    const { url, permanent = true } = this.init;
    const [first] = values;
    const byName = new Map(
      Object.entries(typeof first === 'object' ? first : values) as [string, string | undefined][],
    );
    const target = withQuery(fillSlots(url, byName), this.request.query);
    if (!URL.canParse(target, 'http://site.invalid/'))
      throw new HttpError(400, 'The path arguments build no valid URL');
    await this.redirect(target, { permanent });
  }
}

/**
 * Fills the slots of a target.
 *
 * @param byName - The arguments, percent-encoded.
 */
function fillSlots(template: string, byName: ReadonlyMap<string, string | undefined>): string {
  const [, site = '', path = '', rest = ''] = targetParts.exec(template) ?? [];
  const fill = (text: string, encode: (argument: string) => string): string =>
    text.replace(/\{(\w+)\}/g, (whole, name: string) => (byName.has(name) ? encode(byName.get(name) ?? '') : whole));
  const filled = fill(path, inPath);
  // An argument must not turn a path into another host: `/{0}` with `/evil.example`.
  return fill(site, inHost) + (site === '' ? filled.replace(/^\/{2,}/, '/') : filled) + fill(rest, inQuery);
}

/** Scheme and host, path, query and fragment. */
const targetParts = /^((?:[a-z][a-z0-9+.-]*:)?(?:[/\\]{2}[^/\\?#]*)?)([^?#]*)(.*)$/is;

/** The argument as sent, without the characters that a path cannot have. */
function inPath(argument: string): string {
  return argument.replace(/[^\w\-.~!$&'()*+,;=:@%/]/g, encodeURIComponent);
}

/** @throws {@link HttpError} 400 if the argument can end a host name or is empty. */
function inHost(argument: string): string {
  const name = decoded(argument);
  if (!/^[\p{L}\p{M}\p{N}._-]+$/u.test(name)) throw new HttpError(400, 'A path argument is not part of a host name');
  return name;
}

function inQuery(argument: string): string {
  return encodeURIComponent(decoded(argument));
}

function decoded(argument: string): string {
  try {
    return decodePercent(argument);
  } catch (error) {
    throw error instanceof NotUtf8Error ? new HttpError(400, 'A path is not UTF-8', { cause: error }) : error;
  }
}
