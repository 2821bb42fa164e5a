/**
 * Signing out: by a form with the XSRF field, so that no other site can do it.
 */
import { PageHandler } from '../pages/page-handler.ts';
import { signOut } from './signed-in.ts';

export class LogoutHandler extends PageHandler {
  async post(): Promise<void> {
    if (this.currentUser) await signOut(this, this.chat, this.currentUser);
    await this.redirect('/login', { status: 303 });
  }
}
