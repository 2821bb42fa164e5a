/**
 * The page of the first start: one form for the account of the administrator, who is in the lobby afterwards.
 */
import { setupForm, setupFormWithToken, type AccountFormClass } from '../accounts/account-forms.ts';
import type { AccountResult } from '../accounts/accounts.ts';
import { FormHandler } from '../accounts/form-handler.ts';
import { lobbyId } from '../wire.ts';

export class SetupHandler extends FormHandler {
  protected override readonly template = 'setup.html';
  protected override readonly unavailablePhrase = 'cannotSave';
  #needsToken = true;

  override async prepare(): Promise<void> {
    // Only once: with a later state, the page would ask a visitor who is too late for the token.
    const state = await this.chat.setup.state();
    if (state === 'done') {
      // Whoever sends the form was slower than somebody else.
      const login = this.request.method === 'POST' ? '/login?ended=setup' : '/login';
      return this.redirect(this.currentUser ? '/' : login, { status: 303 });
    }
    this.#needsToken = this.chat.setup.needsToken(this, state);
  }

  protected override get formClass(): AccountFormClass {
    return this.#needsToken ? setupFormWithToken : setupForm;
  }

  protected override get filled(): object {
    // The line at the start contains the address with the token.
    return { token: this.getQueryArgument('token', '', { raw: true }).slice(0, 200) };
  }

  protected override get namespace(): object {
    return { extras: this.#needsToken ? ['token'] : [] };
  }

  /** A person without a role can make the administrator. */
  protected override get isForSignedIn(): boolean {
    return true;
  }

  protected override async findAccount(name: string, password: string): Promise<AccountResult> {
    const { setup, accounts, directory } = this.chat;
    const address = this.request.remoteAddress;
    if (this.#needsToken) {
      const checked = await setup.check(this.getBodyArgument('token', '', { raw: true }), address);
      if (checked === 'wrong') return { problems: { token: 'setupTokenWrong' } };
      if (checked !== 'right') return { problems: { form: 'tooManyAttempts', seconds: checked } };
    }
    const waitForLobby = (): Promise<void> => directory.waitForCopies([lobbyId]);
    return accounts.register(name, password, address, waitForLobby, async (account) => {
      const result = await setup.store.add({ ...account, role: 'administrator' });
      if (result === 'added') return undefined;
      return result === 'done' ? { form: 'setupDone' } : { name: 'nameTaken' };
    });
  }
}
