/**
 * Signing in.
 */
import { LoginForm, type AccountFormClass } from './account-forms.ts';
import type { AccountResult } from './accounts.ts';
import { FormHandler } from './form-handler.ts';
import { findKnownBrowser } from './known-browser.ts';

export class LoginHandler extends FormHandler {
  #isHeadless = false;
  /** A fresh chat has nobody who could log in. With open registration the page is that of any chat. */
  override async get(): Promise<void> {
    const { setup, isRegistrationOpen } = this.chat;
    if (!isRegistrationOpen && !this.currentUser && (await setup.state()) === 'fresh')
      return this.redirect('/setup', { status: 303 });
    this.#isHeadless = (await setup.state()) !== 'done';
    return super.get();
  }

  protected override get namespace(): object {
    return { isOpen: this.chat.isRegistrationOpen, isHeadless: this.#isHeadless };
  }

  protected override get formClass(): AccountFormClass {
    return LoginForm;
  }

  protected override readonly template = 'login.html';
  protected override readonly unavailablePhrase = 'error503';

  protected override findAccount(name: string, password: string): Promise<AccountResult> {
    return this.chat.accounts.logIn(name, password, this.request.remoteAddress, findKnownBrowser(this));
  }
}
