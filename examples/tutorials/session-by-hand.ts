/**
 * A session by hand (tutorial 1, "custom session"): a random id in a cookie, and the values on the server. It shows how sessions work;
 * sessions.ts has the same pages with `this.session`, which also has a limit for each person, a new id at each login, and stores
 * that all processes share.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Application, RequestHandler, type Settings } from 'gale';
import { isAccount } from './account.ts';

/** All sessions by id, the oldest first. Tutorial: `contatiner`. */
type Container = Map<string, Map<string, unknown>>;

/** Without a limit, visitors that send no cookies would fill the memory. */
const maxSessions = 1_000;

/** The session of one request. Tutorial: the class `Zg` with __getitem__, __setitem__ and __delitem__. */
class HandSession {
  readonly #values: Map<string, unknown>;

  constructor(handler: RequestHandler, container: Container) {
    const sent = handler.getCookie('MySessionId');
    // An id that was not given out here is forged or has ended: it gets another one.
    let id = sent !== undefined && container.has(sent) ? sent : undefined;
    id ??= randomBytes(16).toString('hex');
    this.#values = container.get(id) ?? new Map();
    // Delete and set: the session that was used last is the last one.
    container.delete(id);
    container.set(id, this.#values);
    const [oldest = ''] = container.keys();
    if (container.size > maxSessions) container.delete(oldest);
    handler.setCookie('MySessionId', id, { maxAge: 10, httpOnly: true, sameSite: 'Lax' });
  }

  get(key: string): unknown {
    return this.#values.get(key);
  }

  set(key: string, value: unknown): void {
    this.#values.set(key, value);
  }

  delete(key: string): void {
    this.#values.delete(key);
  }
}

/** Handlers with a session. `initialize` runs before every verb. */
abstract class SessionHandler extends RequestHandler<unknown, { readonly container: Container }> {
  protected handSession!: HandSession;

  override initialize({ container }: { readonly container: Container }): void {
    this.handSession = new HandSession(this, container);
  }
}

class Login extends SessionHandler {
  get(): Promise<void> {
    return this.render('login.html', { message: '' });
  }

  post(): Promise<void> {
    const user = this.getBodyArgument('user');
    if (!isAccount(user, this.getBodyArgument('pwd', '', { raw: true }))) {
      this.setStatus(422);
      return this.render('login.html', { message: 'The user or the password is wrong.' });
    }
    this.handSession.set('user_info', user);
    return this.redirect('/index/');
  }
}

class Logout extends SessionHandler {
  post(): Promise<void> {
    this.handSession.delete('user_info');
    return this.redirect('/login/');
  }
}

class Index extends SessionHandler {
  get(): Promise<void> {
    const name = this.handSession.get('user_info');
    if (name === undefined) return this.redirect('/login/');
    return this.render('seeds.html', { name, seeds: ['Sunflower', 'Pumpkin'], logoutUrl: '/logout/' });
  }
}

/** `/login/` and `/index/`. The cookie ends ten seconds after the last visit. */
export function createSessionByHand(settings: Settings): Application {
  const init = { container: new Map() };
  const routes = [
    ['/login/', Login, { init }],
    ['/logout/', Logout, { init }],
    ['/index/', Index, { init }],
  ] as const;
  return new Application(routes, {
    ...settings,
    templatePath: join(import.meta.dirname, 'templates'),
    xsrfCookies: true,
  });
}
