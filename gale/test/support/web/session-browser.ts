/** Requests of one browser: keeps the cookies of its responses. */
import type { Served } from './web-server.ts';

/** A browser at a running application. */
export class SessionBrowser {
  /** Cookies by name. */
  readonly cookies: Map<string, string> = new Map();
  /** The Set-Cookie fields of the last response. */
  lastSetCookies: readonly string[] = [];
  readonly #served: Pick<Served, 'get'>;

  constructor(served: Pick<Served, 'get'>) {
    this.#served = served;
  }

  /** Requests a path and keeps the cookies. */
  async get(path: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = new Headers(init.headers);
    if (cookie !== '') headers.set('cookie', cookie);
    const response = await this.#served.get(path, { ...init, headers });
    this.lastSetCookies = response.headers.getSetCookie();
    for (const field of this.lastSetCookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(field) ?? [];
      if (/; Expires=Thu, 01 Jan 1970/.test(field)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  /** The body of a path, which must respond with 200. */
  async text(path: string): Promise<string> {
    const response = await this.get(path);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${path} responds with ${response.status}: ${text}`);
    return text;
  }
}
