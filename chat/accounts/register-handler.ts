/**
 * Registration. A new person is signed in at once. In a chat by invitation, the page says how to get in.
 */
import type { ErrorDetails } from 'gale';
import { safeNext } from 'gale';
import { RegisterForm, type AccountFormClass } from './account-forms.ts';
import type { AccountResult } from './accounts.ts';
import { FormHandler } from './form-handler.ts';
import { lobbyId } from '../wire.ts';

export class RegisterHandler extends FormHandler {
  protected override readonly template = 'register.html';
  protected override readonly unavailablePhrase = 'cannotSave';

  override async prepare(): Promise<void> {
    if (this.chat.isRegistrationOpen || this.currentUser) return;
    if ((await this.chat.setup.state()) === 'fresh') return this.redirect('/setup', { status: 303 });
    this.setStatus(403);
    await this.finish(this.#closedPage());
  }

  protected override get formClass(): AccountFormClass {
    return RegisterForm;
  }

  override writeError(status: number, details: ErrorDetails): void {
    // A form with a wrong token is shown again only if it can be sent again.
    if (this.chat.isRegistrationOpen || status !== 403) return super.writeError(status, details);
    this.write(this.#closedPage());
  }

  protected override async findAccount(name: string, password: string): Promise<AccountResult> {
    const { remoteAddress: address } = this.request;
    const { accounts, directory } = this.chat;
    const result = await accounts.register(name, password, address, () => directory.waitForCopies([lobbyId]));
    if ('account' in result) await directory.noteMembers([lobbyId]);
    return result;
  }

  #closedPage(): string {
    return this.renderString('closed.html', { next: safeNext(this.getQueryArgument('next', '/')) });
  }
}
