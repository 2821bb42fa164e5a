/** Redirects every GET of a path to another URL, with the query. */
import { RequestHandler } from './handler.ts';
import { encodePath } from './percent-encoding.ts';

/** The `init` of a route to {@link RedirectHandler}. */
export interface RedirectInit {
  /** Target. `{0}`, `{1}` … and `{name}` are replaced by the arguments of the path. */
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
  /** Redirects to the URL of `init`. */
  async get(...values: readonly (string | Readonly<Record<string, string>> | undefined)[]): Promise<void> {
    const { url: template, permanent = true } = this.init;
    const [first] = values;
    const byName = new Map(
      Object.entries(typeof first === 'object' ? first : values) as [string, string | undefined][],
    );
    const filled = template.replace(/\{(\w+)\}/g, (whole, name: string) =>
      byName.has(name) ? encodePath(byName.get(name) ?? '') : whole,
    );
    // An argument must not turn a path into another host: `/{0}` with `/evil.example`.
    const url = /^\/(?!\/)/.test(template) ? filled.replace(/^\/+/, '/') : filled;
    await this.redirect(withQuery(url, this.request.query), { permanent });
  }
}

/** Adds a query to a URL, before its fragment. The URL may have a query already. */
function withQuery(url: string, query: string): string {
  if (query === '') return url;
  const [, path = '', fragment = ''] = /^([^#]*)(.*)$/s.exec(url) ?? [];
  return `${path}${path.includes('?') ? '&' : '?'}${query}${fragment}`;
}
