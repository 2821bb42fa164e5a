/**
 * Signing in.
 */
import { isUnavailable } from '../store/unavailable.ts';
import type { SetupState } from '../setup/setup-store.ts';
import { LoginForm, type AccountFormClass } from './account-forms.ts';
import type { AccountResult } from './accounts.ts';
import { FormHandler } from './form-handler.ts';
import { findKnownBrowser } from './known-browser.ts';

export class LoginHandler extends FormHandler {
  #isHeadless = false;

  /** A fresh chat has nobody who could log in. With open registration the page is that of any chat. */
  override async get(): Promise<void> {
    const state = await this.#setupState();
    if (!this.chat.isRegistrationOpen && !this.currentUser && state === 'fresh')
      return this.redirect('/setup', { status: 303 });
    this.#isHeadless = state !== 'done';
    return super.get();
  }

  /** While the database is unavailable, the page is that of a chat that is set up. */
  async #setupState(): Promise<SetupState> {
    try {
      return await this.chat.setup.state();
    } catch (error) {
      if (isUnavailable(error)) return 'done';
      throw error;
    }
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
