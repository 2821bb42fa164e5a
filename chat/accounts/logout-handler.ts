/**
 * Signing out, by a form with the XSRF field, so that no other site can do it. A cookie makes the script of the next page remove
 * what the browser stored for this person; the field `texts` with the value `keep` prevents that.
 */
import { PageHandler } from '../pages/page-handler.ts';
import { signOut } from './signed-in.ts';

export class LogoutHandler extends PageHandler {
  #closeSockets: (() => Promise<void>) | undefined;

  /** Without a session there is nothing to protect: a window that slept while another one logged out gets the page for signing in. */
  override checkXsrfCookie(): void {
    if (this.currentUser) super.checkXsrfCookie();
  }

  async post(): Promise<void> {
    const keepsTexts = this.getBodyArgument('texts', 'remove') === 'keep';
    if (this.currentUser) {
      const { id } = this.currentUser.person;
      this.#closeSockets = await signOut(this, this.chat, this.currentUser);
      if (!keepsTexts) this.forgetTexts(id);
    }
    await this.redirect('/login', { status: 303 });
  }

  override onFinish(): Promise<void> | undefined {
    return this.#closeSockets?.();
  }
}
