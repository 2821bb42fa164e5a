/**
 * The switch between languages: a cookie, by a link or by a form.
 */
import { HttpError, safeNext } from 'gale';
import { isLanguage } from '../locale/index.ts';
import { PageHandler } from './page-handler.ts';

export class LanguageHandler extends PageHandler {
  /** By a link of the page. A link of another site leads to the page and changes nothing. */
  get(): Promise<void> {
    const site = this.request.headers.get('sec-fetch-site');
    if (site === 'cross-site' || site === 'same-site') return this.#goOn();
    return this.#choose();
  }

  post(): Promise<void> {
    return this.#choose();
  }

  async #choose(): Promise<void> {
    const language = this.getArgument('lang');
    if (!isLanguage(language)) {
      throw new HttpError(400, `lang must be a language of the chat; got ${JSON.stringify(language.slice(0, 40))}.`);
    }
    this.setCookie('lang', language, {
      expiresDays: 365,
      sameSite: 'Lax',
      httpOnly: true,
    });
    if (this.currentUser) await this.chat.people.choose(this.currentUser.person.id, { language });
    return this.#goOn();
  }

  #goOn(): Promise<void> {
    return this.redirect(safeNext(this.getArgument('next', '/')), { status: 303 });
  }
}
