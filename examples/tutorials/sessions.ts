/** Sessions with `this.session`: the pages of session-by-hand.ts, and a list of the sessions of a person. */
import { join } from 'node:path';
import { Application, authenticated, RequestHandler, safeNext, type Settings } from 'gale';
import { sessions } from 'gale/sessions';
import { isAccount } from './account.ts';

abstract class Page extends RequestHandler<string> {
  override getCurrentUser(): string | undefined {
    return this.session.person;
  }
}

class Login extends Page {
  get(): Promise<void> {
    return this.render('login.html', { message: '' });
  }

  post(): Promise<void> {
    const user = this.getBodyArgument('user');
    if (!isAccount(user, this.getBodyArgument('pwd', '', { raw: true }))) {
      this.setStatus(422);
      return this.render('login.html', { message: 'The user or the password is wrong.' });
    }
    // The session gets another id, so an id that was known before is worthless.
    this.session.login(user);
    this.session.set('browser', (this.request.headers.get('user-agent') ?? 'unknown').slice(0, 200));
    return this.redirect(safeNext(this.getQueryArgument('next', undefined), '/index/'));
  }
}

class Logout extends Page {
  post(): Promise<void> {
    this.session.end();
    return this.redirect('/login/');
  }
}

class Index extends Page {
  readonly get = authenticated(async function (this: Index) {
    // `update` loses no change of another request that runs at the same time.
    const visits = await this.session.update('visits', (count) => Number(count ?? 0) + 1);
    const listed = await this.session.all.of(this.currentUser ?? '');
    return this.render('sessions.html', { visits, listed, current: this.session.handle });
  });
}

class EndOthers extends Page {
  readonly post = authenticated(async function (this: EndOthers) {
    await this.session.all.endOthers(this.currentUser ?? '', this.session.handle);
    return this.redirect('/index/');
  });
}

/** Creates an application with sessions in memory. Other stores: SQLite, Redis, and several Redis servers with a hash ring. */
export function createSessions(settings: Settings): Application {
  const routes = [
    ['/login/', Login],
    ['/logout/', Logout],
    ['/index/', Index],
    ['/end-others/', EndOthers],
  ] as const;
  return new Application(routes, {
    ...settings,
    templatePath: join(import.meta.dirname, 'templates'),
    sessions: sessions({ idleMs: 10 * 60_000 }),
    xsrfCookies: true,
    loginUrl: '/login/',
  });
}
