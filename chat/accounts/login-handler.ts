/**
 * Signing in.
 */
import { LoginForm, type AccountFormClass } from './account-forms.ts';
import type { AccountResult } from './accounts.ts';
import { FormHandler } from './form-handler.ts';
import { findKnownBrowser } from './known-browser.ts';

export class LoginHandler extends FormHandler {
  protected override readonly formClass: AccountFormClass = LoginForm;
  protected override readonly template = 'login.html';
  protected override readonly unavailablePhrase = 'error503';

  protected override findAccount(name: string, password: string): Promise<AccountResult> {
    return this.chat.accounts.logIn(name, password, this.request.remoteAddress, findKnownBrowser(this));
  }
}
