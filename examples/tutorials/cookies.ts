/** Cookies (tutorial 6.1 and 6.2): plain and signed ones that live for ten seconds after the last visit of the list of seeds. */
import { join } from 'node:path';
import { Application, RequestHandler, type Settings } from 'gale';
import { cookieSecret } from './cookie-secret.ts';

/** Seconds. Tutorial: expires=time.time() + 10 */
const lifetime = { maxAge: 10 };

class Start extends RequestHandler {
  get(): Promise<void> {
    return this.render('cookies.html');
  }

  post(): Promise<void> {
    const name = this.getBodyArgument('name');
    // A cookie cannot contain every character. A signed one encodes its value.
    this.setCookie('plain', encodeURIComponent(name), lifetime);
    // Tornado: set_secure_cookie. The browser can read the value, but every change makes it worthless.
    this.setSignedCookie('signed', name, lifetime);
    return this.redirect('/seeds');
  }
}

class SeedList extends RequestHandler {
  #name: string | undefined;

  /** Runs before each verb, so each visit gives the cookies another ten seconds. */
  override initialize(): void {
    const plain = this.getCookie('plain');
    if (plain !== undefined) this.setCookie('plain', plain, lifetime);
    this.#name = this.getSignedCookie('signed');
    if (this.#name !== undefined) this.setSignedCookie('signed', this.#name, lifetime);
  }

  get(): Promise<void> {
    if (this.#name === undefined) return this.redirect('/');
    return this.render('seeds.html', {
      name: this.#name,
      seeds: ['Sunflower', 'Pumpkin', '莲子'],
      logoutUrl: undefined,
    });
  }
}

/** A form at `/`, and the list of seeds at `/seeds`, only for visitors with the signed cookie. */
export function createCookies(settings: Settings): Application {
  const routes = [
    ['/', Start],
    ['/seeds', SeedList],
  ] as const;
  return new Application(routes, {
    ...settings,
    templatePath: join(import.meta.dirname, 'templates'),
    cookieSecret: cookieSecret(),
    xsrfCookies: true,
  });
}
