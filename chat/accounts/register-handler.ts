/**
 * Registration. A new person is signed in at once.
 */
import { RegisterForm, type AccountFormClass } from './account-forms.ts';
import type { AccountResult } from './accounts.ts';
import { FormHandler } from './form-handler.ts';

export class RegisterHandler extends FormHandler {
  protected override readonly formClass: AccountFormClass = RegisterForm;
  protected override readonly template = 'register.html';
  protected override readonly unavailablePhrase = 'cannotSave';

  protected override findAccount(name: string, password: string): Promise<AccountResult> {
    const { remoteAddress: address } = this.request;
    return this.chat.accounts.register(name, password, address, (id) => this.chat.directory.admit(id));
  }
}
