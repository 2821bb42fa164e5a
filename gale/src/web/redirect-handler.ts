/** Redirects every GET of a path to another URL, with the query. */
import { GaleError } from '../errors.ts';
import { assertNames, showValue, wrongValue } from '../run/given-options.ts';
import { RequestHandler } from './handler.ts';
import { notUtf8 } from './arguments.ts';
import { ClientFault } from './client-fault.ts';
import { toLocation, withQuery } from './location.ts';
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
  static override readonly usesSession: boolean = false;

  /** True, so that a redirect keeps `%2F`. */
  static override readonly keepsPathEncoding: boolean = true;

  /** @throws {@link GaleError} `WEB_ROUTE` if the target has a slot without an argument, is no URL, or has its host in the path. */
  static override assertInit(init: RedirectInit | undefined, argumentNames: readonly string[]): void {
    // A subclass may have more.
    if (init !== undefined && this === RedirectHandler) assertNames(this.name, init, ['url', 'permanent']);
    const permanent: unknown = init?.permanent;
    if (permanent !== undefined && typeof permanent !== 'boolean') {
      throw wrongValue('permanent', 'true or false', permanent);
    }
    const url: unknown = init?.url;
    if (typeof url !== 'string') throw new GaleError('WEB_ROUTE', `url must be a string; got ${showValue(url)}.`);
    const unknown = [...url.matchAll(slots)].find(([, name = '']) => !argumentNames.includes(name));
    if (unknown !== undefined) {
      const known = argumentNames.map((name) => `{${name}}`).join(', ');
      const wanted = known === '' ? 'no slots, since the path has no arguments' : `no slots but ${known}`;
      throw new GaleError('WEB_ROUTE', `url must have ${wanted}; got ${unknown[0]}.`);
    }
    const siteWith = (argument: string): string =>
      siteOf(fillSlots(url, new Map(argumentNames.map((name) => [name, argument]))));
    const [, host = ''] = targetParts.exec(url) ?? [];
    // With `https://site.example{path}`, the argument `.evil.example` would be part of the host.
    if (/[\w-]\{\w+\}$/.test(host)) {
      throw new GaleError('WEB_ROUTE', `url must have a slash between its host and an argument; got ${url}.`);
    }
    // A slot in the host can be a label or a port, and not every label can be a port.
    const site = siteWith(/:\{\w+\}$/.test(host) ? '1' : 'a');
    if (host.includes('{') || ['//b', 'b:b', '/b'].every((argument) => siteWith(argument) === site)) return;
    throw new GaleError(
      'WEB_ROUTE',
      `url must begin with / or with a host, so that no argument becomes one; got ${url}.`,
    );
  }

  /** Redirects to the URL of `init`. */
  async get(...values: readonly (string | Readonly<Record<string, string>> | undefined)[]): Promise<void> {
    const { url, permanent = true } = this.init;
    const [first] = values;
    const byName = new Map(
      Object.entries(typeof first === 'object' ? first : values) as [string, string | undefined][],
    );
    const target = withQuery(fillSlots(url, byName), this.request.query);
    if (!URL.canParse(target, anySite)) {
      throw new ClientFault(400, 'The path arguments build no valid URL', {
        problem: { detail: 'The path makes no valid URL.' },
      });
    }
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
    text.replace(slots, (_, name: string) => encode(byName.get(name) ?? ''));
  const filled = fill(path, inPath);
  // An argument must not turn a path into another host: `/{0}` with `/evil.example`.
  return fill(site, inHost) + (site === '' ? filled.replace(/^\/{2,}/, '/') : filled) + fill(rest, inQuery);
}

/** Scheme and host of a target. Throws if it is no target of a redirect. */
function siteOf(target: string): string {
  const { protocol, host } = new URL(toLocation(target), anySite);
  return `${protocol}//${host}`;
}

const anySite = 'http://site.invalid/';
const slots = /\{(\w+)\}/g;
/** Scheme and host, path, query and fragment. */
const targetParts = /^((?:[a-z][a-z0-9+.-]*:)?(?:[/\\]{2}[^/\\?#]*)?)([^?#]*)(.*)$/is;

/** The argument as sent, without the characters that a path cannot have. */
function inPath(argument: string): string {
  return argument.replace(/[^\w\-.~!$&'()*+,;=:@%/]/g, encodeURIComponent);
}

/** @throws {@link ClientFault} 400 if the argument can end a host name or is empty. */
function inHost(argument: string): string {
  const name = decoded(argument);
  if (/^[\p{L}\p{M}\p{N}._-]+$/u.test(name)) return name;
  throw new ClientFault(400, 'A path argument is not part of a host name', {
    problem: { detail: 'The path has a part that is not part of a host name.' },
  });
}

function inQuery(argument: string): string {
  return encodeURIComponent(decoded(argument));
}

function decoded(argument: string): string {
  try {
    return decodePercent(argument);
  } catch (error) {
    throw error instanceof NotUtf8Error ? notUtf8('', error) : error;
  }
}
