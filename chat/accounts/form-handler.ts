/**
 * The common part of the forms for sign-in and registration. A person is signed in, or gets the form again with the problem
 * beside its field and the typed name. The response never contains a password.
 */
import { type ErrorDetails, HttpError, safeNext } from 'gale';
import { shownTypedName } from '../name.ts';
import { PageHandler } from '../pages/page-handler.ts';
import { isUnavailable } from '../store/unavailable.ts';
import type { AccountProblems, AccountResult } from './accounts.ts';
import { QueueFullError } from './hash-queue.ts';
import { hasSessionCookie, signIn } from './signed-in.ts';

/** Shown in the form beside the problems of accounts. */
type FormProblems = Omit<AccountProblems, 'form'> & {
  readonly form?: AccountProblems['form'] | 'xsrfFailed' | 'sessionEnded' | 'cannotSave' | 'error503';
};

/** `Retry-After` when the queue of password hashes is full, in seconds. */
const busySeconds = 5;
/** `Retry-After` when the store is unavailable, in seconds. */
const unavailableSeconds = 60;

/** Whether the page shows a wait in minutes. */
function isLong(seconds: number | undefined): seconds is number {
  return seconds !== undefined && seconds >= 60;
}

export abstract class FormHandler extends PageHandler {
  #closeSockets: (() => Promise<void>) | undefined;

  /** The form's template. */
  protected abstract readonly template: string;

  /** Key of the text for an unavailable store. */
  protected abstract readonly unavailablePhrase: 'cannotSave' | 'error503';

  /** Finds or makes the account. */
  protected abstract findAccount(name: string, password: string): Promise<AccountResult>;

  /** Not bound to a session: a form that was opened before another window signed in stays valid, and begins a new session. */
  override xsrfBinding(): undefined {}

  async get(): Promise<void> {
    const isEnded = this.getQueryArgument('ended', '') !== '' && hasSessionCookie(this);
    if (this.currentUser) await this.redirect(this.#next(), { status: 303 });
    else this.#show(200, isEnded ? { form: 'sessionEnded' } : {});
  }

  async post(): Promise<void> {
    // Unchanged, and all fields before any work: text that is not UTF-8 is refused with 400.
    const name = this.getBodyArgument('name', '', { raw: true });
    const password = this.getBodyArgument('password', '', { raw: true });
    const next = this.#next();
    const result = await this.findAccount(name, password).catch((error: unknown): AccountResult | 'unavailable' => {
      if (error instanceof QueueFullError) return { problems: { form: 'busy', seconds: busySeconds } };
      if (!isUnavailable(error)) throw error;
      this.chat.log.warn({ err: error, path: this.request.path }, 'The store is unavailable for a form');
      return 'unavailable';
    });
    if (result === 'unavailable') {
      this.setHeader('Retry-After', unavailableSeconds);
      this.#show(503, { form: this.unavailablePhrase });
      return;
    }
    if ('problems' in result) {
      const { seconds } = result.problems;
      if (seconds !== undefined) this.setHeader('Retry-After', seconds);
      this.#show(seconds === undefined ? 400 : 429, result.problems);
      return;
    }
    this.#closeSockets = await signIn(this, this.chat, result.account.id);
    await this.redirect(next, { status: 303 });
  }

  override onFinish(): Promise<void> | undefined {
    return this.#closeSockets?.();
  }

  override writeError(status: number, details: ErrorDetails): void {
    if (status !== 403 || this.request.method !== 'POST') return super.writeError(status, details);
    // A wrong token: the page was open for too long, or the request comes from another site. The new form has a valid token.
    this.write(this.#form({ form: 'xsrfFailed' }));
  }

  #show(status: number, errors: FormProblems): void {
    const form = this.#form(errors);
    this.setStatus(status);
    this.write(form);
  }

  /** Must work for malformed requests too, since it is also the error page. */
  #form(errors: FormProblems): string {
    const name = shownTypedName(this.#readable(() => this.getBodyArgument('name', '', { raw: true })));
    const next = this.#readable(() => this.#next()) || '/';
    const { seconds } = errors;
    const form = errors.form === 'tooManyAttempts' && isLong(seconds) ? 'tooManyAttemptsMinutes' : errors.form;
    const wait = isLong(seconds) ? { minutes: Math.ceil(seconds / 60) } : { seconds: seconds ?? 0 };
    return this.renderString(this.template, { name, errors: { ...errors, form }, wait, next });
  }

  #next(): string {
    return safeNext(this.getArgument('next', '/'));
  }

  /** The result of `read`; empty if the request is malformed. */
  #readable(read: () => string): string {
    try {
      return read();
    } catch (error) {
      if (error instanceof HttpError) return '';
      throw error;
    }
  }
}
