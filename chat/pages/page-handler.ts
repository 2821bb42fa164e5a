/**
 * The common part of all pages of the chat: the person, the language, the headers and the error page.
 */
import { HttpError, RateLimitedWarning, RequestHandler, type CookieOptions, type ErrorDetails } from 'gale';
import { findSignedIn, sessionBinding, type SignedIn } from '../accounts/signed-in.ts';
import type { Chat, ChatInit } from '../chat.ts';
import { pickLanguage, type Language } from '../locale/index.ts';
import { pageTranslator, type TranslatePage } from '../locale/pages/index.ts';
import type { PageAssets } from './assets.ts';
import { isTheme, type Theme } from '../people/choices.ts';
import type { Choices } from '../people/people-store.ts';
import { isUnavailable } from '../store/unavailable.ts';
import { lastRoomCookie } from '../wire.ts';

export class PageHandler extends RequestHandler<SignedIn, ChatInit> {
  override initialize(): void {
    const { method, hasBody, headers } = this.request;
    // The server does not parse bodies of other types; their fields would appear empty.
    if (method === 'POST' && hasBody && !this.formType.test(headers.get('content-type') ?? ''))
      throw new HttpError(415);
  }

  /** Content types of the forms of the page. */
  protected readonly formType: RegExp = /^application\/x-www-form-urlencoded[\t ]*(?:;|$)/i;

  protected get chat(): Chat {
    return this.init.chat;
  }

  override setDefaultHeaders(): void {
    // Pages contain names and tokens, so no cache may store them.
    this.setHeader('Cache-Control', 'no-store');
  }

  /** As in the framework, but every cookie is Secure if visitors use https. */
  override setCookie(name: string, value: string, options: CookieOptions = {}): void {
    const secure = this.request.protocol === 'https' || this.chat.origin?.startsWith('https:') === true;
    super.setCookie(name, value, { ...options, secure });
  }

  override getCurrentUser(): Promise<SignedIn | undefined> {
    return findSignedIn(this, this.chat);
  }

  /**
   * Who sends the request, as of its head, for the limits of requests and for error pages. A body can take half a minute to arrive, in which the
   * session may end or the role change, so only {@link currentUser} has rights: it is loaded after the body.
   */
  sender: SignedIn | undefined;

  /** Finds the {@link sender}. */
  async loadSender(): Promise<void> {
    if (this.request.hasBody) this.sender = await this.getCurrentUser();
    else {
      await this.loadCurrentUser();
      this.sender = this.currentUser;
    }
  }

  /** A form of one session is refused in another: after another person signed in, a page that is still open does nothing. */
  override xsrfBinding(): string | undefined {
    return sessionBinding(this);
  }

  get language(): Language {
    return pickLanguage(
      (this.currentUser ?? this.sender)?.choices.language ?? this.getCookie('lang'),
      this.request.headers.get('accept-language'),
    );
  }

  /** Returns the texts of the page. */
  get t(): TranslatePage {
    return pageTranslator(this.language);
  }

  /** The theme of the page: the choice of the person, else that of this browser. */
  get theme(): Theme {
    const theme = (this.currentUser ?? this.sender)?.choices.theme ?? this.getCookie('theme');
    return isTheme(theme) ? theme : 'system';
  }

  /** Scripts and styles of the page. Overridden by pages that are not forms. */
  protected get asset(): PageAssets {
    return this.chat.formAssets;
  }

  override getTemplateNamespace(): object {
    const { language, theme } = this;
    return { lang: language, theme, t: pageTranslator(language), asset: this.asset };
  }

  /** Keeps the choices of a person for pages of this browser before the next sign-in. */
  protected rememberChoices({ language, theme }: Pick<Choices, 'language' | 'theme'>): void {
    const chosen = { lang: language, theme: theme === 'system' ? null : theme };
    for (const [name, value] of Object.entries(chosen)) {
      if (value !== null) this.setCookie(name, value, { expiresDays: 365, sameSite: 'Lax', httpOnly: true });
      else if (this.getCookie(name) !== undefined) this.clearCookie(name);
    }
  }

  /** Makes the next page remove what this browser stored for a person. */
  protected forgetTexts(personId: string): void {
    this.clearCookie(lastRoomCookie);
    // Read by chat/browser/storage/signed-out.ts, so it is not HttpOnly.
    this.setCookie(`signed-out-${personId}`, '1', { expiresDays: signedOutDays, sameSite: 'Strict' });
  }

  /** An unavailable store is a state of the system, not an error of the handler: one line a minute, with the count. */
  override logException(error: unknown): void {
    if (isUnavailable(error))
      RateLimitedWarning.of(this.chat.log, 'The store is unavailable for pages').note({
        err: error,
        path: this.request.path,
      });
    else super.logException(error);
  }

  override writeError(status: number, _details: ErrorDetails): void {
    this.write(this.renderString('error.html', { status, ...errorTexts(status, this.t) }));
  }
}

/** What a page of an error says. Other statuses have the words of 400 and 500. */
function errorTexts(status: number, t: TranslatePage): { readonly title: string; readonly text: string } {
  switch (status) {
    case 403:
      return { title: t('errorTitle403'), text: t('error403') };
    case 404:
      return { title: t('errorTitle404'), text: t('error404') };
    case 413:
      return { title: t('errorTitle'), text: t('error413') };
    case 429:
      return { title: t('errorTitle429'), text: t('error429') };
    case 503:
      return { title: t('errorTitle503'), text: t('error503') };
    default:
      return { title: t('errorTitle'), text: t(status < 500 ? 'error400' : 'error500') };
  }
}

/** Lifetime of the cookie of `forgetTexts`, in days. */
const signedOutDays = 30;

/** Handles requests that match no other route. */
export class NotFoundHandler extends PageHandler {
  override checkXsrfCookie(): void {}

  override async prepare(): Promise<void> {
    await this.sendError(404);
  }
}
