/**
 * What the two forms for signing in have in common: a name and a password come in; somebody is signed in, or the form
 * comes back with what is wrong beside the field and the name as it was typed. A password is never sent back.
 */
import { type ErrorDetails, safeNext } from 'gale';
import { PageHandler } from '../pages/page-handler.ts';
import { isUnavailable } from '../store/unavailable.ts';
import type { AccountProblems, AccountResult } from './accounts.ts';
import { QueueFullError } from './hash-queue.ts';
import { signIn } from './signed-in.ts';

/** Shown in the form beside the problems of accounts. */
type FormProblems = Omit<AccountProblems, 'form'> & {
  readonly form?: AccountProblems['form'] | 'xsrfFailed' | 'sessionEnded' | 'cannotSave' | 'error503';
};

/** How long to wait when too many sign in at once, in seconds. */
const busySeconds = 5;
/** How long to wait when nothing can be stored, in seconds. */
const unavailableSeconds = 60;

export abstract class FormHandler extends PageHandler {
  /** The form's template. */
  protected abstract readonly template: string;

  /** The words for a store that does not do its part just now. */
  protected abstract readonly unavailableWords: 'cannotSave' | 'error503';

  /** Finds or makes the account. */
  protected abstract findAccount(name: string, password: string): Promise<AccountResult>;

  async get(): Promise<void> {
    if (this.currentUser) await this.redirect(this.#next(), { status: 303 });
    else await this.#show(200, this.getQueryArgument('ended', '') === '' ? {} : { form: 'sessionEnded' });
  }

  async post(): Promise<void> {
    const { name, password } = await this.#fields();
    const result = await this.findAccount(name, password).catch((error: unknown): AccountResult | 'unavailable' => {
      if (error instanceof QueueFullError) return { problems: { form: 'tooManyTries', seconds: busySeconds } };
      if (!isUnavailable(error)) throw error;
      this.chat.log.warn({ err: error.message, path: this.request.path }, 'the store of the chat does not do its part');
      return 'unavailable';
    });
    if (result === 'unavailable') {
      this.setHeader('Retry-After', unavailableSeconds);
      await this.#show(503, { form: this.unavailableWords });
      return;
    }
    if ('problems' in result) {
      const { seconds } = result.problems;
      if (seconds !== undefined) this.setHeader('Retry-After', seconds);
      await this.#show(seconds === undefined ? 400 : 429, result.problems);
      return;
    }
    await signIn(this, this.chat, result.account.id);
    await this.redirect(this.#next(), { status: 303 });
  }

  override async writeError(status: number, details: ErrorDetails): Promise<void> {
    if (status !== 403 || this.request.method !== 'POST') return super.writeError(status, details);
    // The token did not fit: a page that stood open for long, or another site. The form itself puts that right.
    this.write(await this.#form({ form: 'xsrfFailed' }));
  }

  async #show(status: number, errors: FormProblems): Promise<void> {
    const form = await this.#form(errors);
    this.setStatus(status);
    await this.finish(form);
  }

  async #form(errors: FormProblems): Promise<string> {
    const { name } = await this.#fields();
    return this.renderString(this.template, { name, errors, seconds: errors.seconds ?? null, next: this.#next() });
  }

  #next(): string {
    return safeNext(this.getArgument('next', '/'));
  }

  /** The fields to the character: `getBodyArgument` takes blanks off and turns control characters into them. */
  async #fields(): Promise<{ name: string; password: string }> {
    if (this.request.method !== 'POST') return { name: '', password: '' };
    // Refuses what is not UTF-8.
    this.getBodyArguments('name');
    this.getBodyArguments('password');
    const form = new URLSearchParams((await this.readBody()).toString('utf8'));
    return { name: form.getAll('name').at(-1) ?? '', password: form.getAll('password').at(-1) ?? '' };
  }
}
