/** Sends every GET of a path somewhere else; the query goes along. */
import { RequestHandler } from './handler.ts';
import { encodePath } from './percent-encoding.ts';

/** What a route that redirects is made with. */
export interface RedirectInit {
  /** Where to. `{0}`, `{1}` … and `{name}` stand for what the path gave. */
  readonly url: string;
  /** Whether the answer is 301, which browsers remember, or 302. @defaultValue true */
  readonly permanent?: boolean;
}

/**
 * Redirects.
 *
 * @example
 * ['/pictures/:file', RedirectHandler, { init: { url: '/photos/{file}' } }]
 */
export class RedirectHandler extends RequestHandler<unknown, RedirectInit> {
  /** Redirects, whatever the path gave. */
  async get(...values: readonly (string | Readonly<Record<string, string>> | undefined)[]): Promise<void> {
    const { url: template, permanent = true } = this.init;
    const [first] = values;
    const byName = new Map(
      Object.entries(typeof first === 'object' ? first : values) as [string, string | undefined][],
    );
    const filled = template.replace(/\{(\w+)\}/g, (whole, name: string) =>
      byName.has(name) ? encodePath(byName.get(name) ?? '') : whole,
    );
    // What a path gives must not make another host of a path: `/{0}` with `/evil.example`.
    const url = /^\/(?!\/)/.test(template) ? filled.replace(/^\/+/, '/') : filled;
    await this.redirect(withQuery(url, this.request.query), { permanent });
  }
}

/** Adds a query to a URL that may have one, in front of its fragment. */
function withQuery(url: string, query: string): string {
  if (query === '') return url;
  const [, path = '', fragment = ''] = /^([^#]*)(.*)$/s.exec(url) ?? [];
  return `${path}${path.includes('?') ? '&' : '?'}${query}${fragment}`;
}
