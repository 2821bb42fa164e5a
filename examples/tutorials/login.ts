/** A login (tutorial 5 and 6.3): XSRF tokens, `authenticated`, and the redirect back to the page that was asked for. */
import { join } from 'node:path';
import { Application, authenticated, RequestHandler, safeNext, type Settings } from 'gale';
import { isAccount } from './account.ts';
import { cookieSecret } from './cookie-secret.ts';

/** Like Tornado's `get_current_user`: called once for each request, before the verb. */
abstract class Page extends RequestHandler<string> {
  override getCurrentUser(): string | undefined {
    return this.getSignedCookie('username');
  }
}

class Login extends Page {
  get(): Promise<void> {
    return this.render('login.html', { message: '' });
  }

  post(): Promise<void> {
    const user = this.getBodyArgument('user');
    // `raw`, because spaces are part of a password.
    if (!isAccount(user, this.getBodyArgument('pwd', '', { raw: true }))) {
      this.setStatus(422);
      return this.render('login.html', { message: 'The user or the password is wrong.' });
    }
    this.setSignedCookie('username', user);
    // `next` is in the URL, so anybody can write it. safeNext refuses other sites.
    return this.redirect(safeNext(this.getQueryArgument('next', undefined), '/index/'));
  }
}

class Logout extends Page {
  post(): Promise<void> {
    this.clearCookie('username');
    return this.redirect('/login/');
  }
}

class Index extends Page {
  get(): Promise<void> {
    return this.redirect('/seeds/');
  }
}

class SeedList extends Page {
  // Tornado: @authenticated. Node.js runs no decorators yet, so it is called as a function.
  readonly get = authenticated(function (this: SeedList) {
    return this.render('seeds.html', {
      name: this.currentUser,
      seeds: ['Sunflower', 'Pumpkin'],
      logoutUrl: '/logout/',
    });
  });
}

/** `/seeds/` only for signed-in visitors; others are redirected to `/login/?next=…`. */
export function createLogin(settings: Settings): Application {
  const routes = [
    ['/login/', Login],
    ['/logout/', Logout],
    ['/index/', Index],
    ['/seeds/', SeedList],
  ] as const;
  return new Application(routes, {
    ...settings,
    templatePath: join(import.meta.dirname, 'templates'),
    cookieSecret: cookieSecret(),
    // Each form needs {% raw xsrfFormHtml() %}; without it, POST is 403.
    xsrfCookies: true,
    loginUrl: '/login/',
  });
}
