/**
 * The page of a link to sign in. A press uses the link; a program that only opens it does not.
 */
import { signIn, undoSignIn } from '../accounts/signed-in.ts';
import type { PageKey } from '../locale/pages/index.ts';
import { PageHandler } from '../pages/page-handler.ts';
import type { FoundLink } from './sign-in-links.ts';

const reasons: Readonly<Record<Exclude<FoundLink['state'], 'open'>, PageKey>> = {
  expired: 'signInLinkExpired',
  used: 'signInLinkUsed',
  unknown: 'signInLinkUnknown',
  limited: 'linkLimited',
};
const statuses = { expired: 410, used: 410, unknown: 404, limited: 429 } as const;

export class SignInLinkHandler extends PageHandler {
  #closeSockets: (() => Promise<void>) | undefined;

  /** Not bound to a session: the browser may be signed in as another person. */
  override xsrfBinding(): undefined {}

  async get({ token }: { readonly token: string }): Promise<void> {
    const found = await this.#find(token);
    if (found !== undefined) await this.render('sign-in-link.html', { name: found.name, path: this.request.path });
  }

  async post({ token }: { readonly token: string }): Promise<void> {
    const found = await this.#find(token);
    if (found === undefined) return undefined;
    const { accounts, signInLinks } = this.chat;
    const account = await accounts.findById(found.personId);
    if (!(await signInLinks.use(token))) return this.#end('used');
    this.#closeSockets = await signIn(this, this.chat, found.personId);
    // The account may have been deactivated, or have a new password, before there was a session to end.
    if (account === undefined || !(await accounts.isCurrent(account))) {
      await undoSignIn(this);
      return this.#end('expired');
    }
    await this.chat.accountLog.signedInByLink(found.personId, this.request.remoteAddress);
    // The person may have forgotten the password, so the settings do not ask for it.
    this.session.set('by-link', true);
    return this.redirect('/settings#password', { status: 303 });
  }

  override onFinish(): Promise<void> | undefined {
    return this.#closeSockets?.();
  }

  async #find(token: string): Promise<Extract<FoundLink, { state: 'open' }> | undefined> {
    const found = await this.chat.signInLinks.find(token, this.request.remoteAddress);
    if (found.state === 'open') return found;
    if (found.state === 'limited') this.setHeader('Retry-After', found.seconds);
    await this.#end(found.state);
    return undefined;
  }

  async #end(state: keyof typeof reasons): Promise<void> {
    this.setStatus(statuses[state]);
    const values = { title: 'signInLinkEndedTitle', reason: reasons[state], hasPerson: false, path: this.request.path };
    await this.render('ended-link.html', values);
  }
}
