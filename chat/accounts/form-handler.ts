/**
 * The common part of the pages for sign-in and registration. A person is signed in, or gets the form again with the problem
 * beside its field and the typed name. The response never contains a password.
 */
import { type ErrorDetails, HttpError, RateLimitedWarning, safeNext } from 'gale';
import type { TranslatePage } from '../locale/pages/index.ts';
import { shownTypedName } from '../name.ts';
import { createForm } from '../pages/create-form.ts';
import { PageHandler } from '../pages/page-handler.ts';
import { isUnavailable } from '../store/unavailable.ts';
import type { AccountFormClass } from './account-forms.ts';
import type { AccountProblems, AccountResult } from './accounts.ts';
import { QueueFullError } from './hash-queue.ts';
import { hasSessionCookie, signIn, undoSignIn } from './signed-in.ts';

type AccountForm = InstanceType<AccountFormClass>;

/** `Retry-After` when the queue of password hashes is full, in seconds. */
const busySeconds = 5;
/** `Retry-After` when the store is unavailable, in seconds. */
const unavailableSeconds = 60;

export abstract class FormHandler extends PageHandler {
  #closeSockets: (() => Promise<void>) | undefined;

  /** The form of the page. */
  protected abstract get formClass(): AccountFormClass;

  /** The template of the page. */
  protected abstract readonly template: string;

  /** Key of the text for an unavailable store. */
  protected abstract readonly unavailablePhrase: 'cannotSave' | 'error503';

  /** Finds or makes the account. */
  protected abstract findAccount(name: string, password: string): Promise<AccountResult>;

  /** Values of fields before anything was typed. */
  protected get filled(): object {
    return {};
  }

  /** Values for the template, in addition to the form. */
  protected get namespace(): object {
    return {};
  }

  /** Where a person goes after the form; undefined: to the page that was asked for. */
  protected get landing(): string | undefined {
    return undefined;
  }

  /** Whether the page is also for people who are signed in. */
  protected get isForSignedIn(): boolean {
    return false;
  }

  /** Not bound to a session: a form that was opened before another window signed in stays valid, and begins a new session. */
  override xsrfBinding(): undefined {}

  async get(): Promise<void> {
    const next = this.#next();
    if (this.currentUser && !this.isForSignedIn) return this.redirect(next, { status: 303 });
    const form = this.#createForm().fillFrom({ ...this.filled, next });
    const ended = this.getQueryArgument('ended', '');
    if (ended === 'setup') form.addError(this.t('setupDone'), { focus: 'name' });
    else if (ended === 'deleted') form.addError(this.t('deletedNow'), { focus: 'name' });
    else if (ended !== '' && hasSessionCookie(this))
      form.addError(this.t(ended === 'deactivated' ? 'deactivatedNow' : 'sessionEnded'), { focus: 'name' });
    this.#show(200, form);
  }

  async post(): Promise<void> {
    const form = this.#createForm();
    if (!(await form.validate())) return this.#show(400, form);
    const { name, password, next } = form.values;
    const result = await this.findAccount(name, password).catch((error: unknown): AccountResult | 'unavailable' => {
      if (error instanceof QueueFullError) return { problems: { form: 'busy', seconds: busySeconds } };
      if (!isUnavailable(error)) throw error;
      RateLimitedWarning.of(this.chat.log, 'The store is unavailable for forms').note({
        err: error,
        path: this.request.path,
      });
      return 'unavailable';
    });
    if (result === 'unavailable') {
      this.setHeader('Retry-After', unavailableSeconds);
      return this.#show(503, form.addError(this.t(this.unavailablePhrase), { focus: 'password' }));
    }
    const { remoteAddress } = this.request;
    if ('problems' in result) {
      const { seconds } = result.problems;
      if (result.problems.form === 'loginWrong') await this.chat.accountLog.failed(result.triedId, remoteAddress);
      if (seconds !== undefined) this.setHeader('Retry-After', seconds);
      return this.#show(seconds === undefined ? 400 : 429, addProblems(form, result.problems, this.t));
    }
    this.#closeSockets = await signIn(this, this.chat, result.account.id);
    if (!(await this.chat.accounts.isCurrent(result.account))) {
      await undoSignIn(this);
      return this.#show(400, addProblems(form, { form: 'loginWrong' }, this.t));
    }
    await this.chat.accountLog.signedIn(result.account.id, remoteAddress);
    return this.redirect(this.landing ?? safeNext(next), { status: 303 });
  }

  override onFinish(): Promise<void> | undefined {
    return this.#closeSockets?.();
  }

  override writeError(status: number, details: ErrorDetails): void {
    if (status !== 403 || this.request.method !== 'POST') return super.writeError(status, details);
    // A wrong token: the page was open for too long, or the request comes from another site. The new form has a valid token.
    const name = shownTypedName(this.#readable(() => this.getBodyArgument('name', '', { raw: true })));
    const form = this.#createForm().fillFrom({ name, next: this.#readable(() => this.#next()) || '/' });
    this.#show(status, form.addError(this.t('xsrfFailed'), { focus: name === '' ? 'name' : 'password' }));
  }

  #show(status: number, form: AccountForm): void {
    this.setStatus(status);
    const next = safeNext(form.field('next').text);
    this.write(this.renderString(this.template, { form, next, extras: [], ...this.namespace }));
  }

  #createForm(): AccountForm {
    return createForm(this, this.formClass);
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

/** A form with some fields. */
interface ErrorForm {
  addError(text: string, options?: { readonly field?: string; readonly focus?: string }): unknown;
}

/** Adds the problems of an account to its form. A wait of a minute or more is shown in minutes. */
export function addProblems<Shown extends ErrorForm>(
  form: Shown,
  problems: AccountProblems,
  t: TranslatePage,
  focus: string = 'password',
): Shown {
  const { form: problem, seconds = 0 } = problems;
  for (const field of ['name', 'password', 'token'] as const) {
    const key = problems[field];
    if (key !== undefined) form.addError(t(key), { field });
  }
  const inMinutes = problem === 'tooManyAttempts' && seconds >= 60;
  const text = inMinutes
    ? t('tooManyAttemptsMinutes', { minutes: Math.ceil(seconds / 60) })
    : problem && t(problem, { seconds });
  if (text !== undefined) form.addError(text, { focus });
  return form;
}
