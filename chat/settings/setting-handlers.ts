/**
 * What the forms of the page of settings do, one handler for each form.
 */
import { authenticated, HttpError } from 'gale';
import { addProblems } from '../accounts/form-handler.ts';
import { findKnownBrowser } from '../accounts/known-browser.ts';
import { endSessions, signOut, storeSession } from '../accounts/signed-in.ts';
import type { ChatNotification } from '../messages/chat-notification.ts';
import type { TranslatePage } from '../locale/pages/index.ts';
import { readPersonName } from '../names/person-name.ts';
import { createForm } from '../pages/create-form.ts';
import { noteChanged } from '../people/changed-person.ts';
import { readPicture } from '../people/picture.ts';
import type { NewOwner } from '../rooms/members.ts';
import { SettingsHandler } from './settings-handler.ts';
import { DeleteForm, ofBrowser, PreferencesForm, ProfileForm } from './settings-forms.ts';

type Verb = () => Promise<void>;

/** The name. */
export class ProfileHandler extends SettingsHandler {
  readonly post: Verb = authenticated(async function (this: ProfileHandler): Promise<void> {
    const form = createForm(this, ProfileForm);
    if (!(await form.validate())) return this.show(400, { profile: form });
    const read = readPersonName(form.values.name);
    if ('problem' in read) return this.show(400, { profile: form.addError(this.t(read.problem), { field: 'name' }) });
    const { id } = this.signedIn.person;
    const seconds = await this.countProfileChange();
    if (seconds > 0)
      return this.show(429, { profile: addProblems(form, { form: 'tooManyAttempts', seconds }, this.t, 'name') });
    if (!(await this.chat.people.rename(id, read.name)))
      return this.show(400, { profile: form.addError(this.t('nameTaken'), { field: 'name' }) });
    await noteChanged(this.chat, id);
    return this.done('profile', 'profile');
  });
}

/** The picture, which the page has made small. An empty form removes it. */
export class PictureHandler extends SettingsHandler {
  protected override readonly formType: RegExp =
    /^(?:application\/x-www-form-urlencoded|multipart\/form-data)[\t ]*(?:;|$)/i;

  readonly post: Verb = authenticated(async function (this: PictureHandler): Promise<void> {
    const { id } = this.signedIn.person;
    const { people } = this.chat;
    if ((await this.countProfileChange()) > 0) return this.show(429, { pictureError: 'error429' });
    if (this.getBodyArgument('remove', '') !== '') {
      await people.setPicture(id, null);
      await noteChanged(this.chat, id);
      return this.done('picture-removed', 'profile');
    }
    const read = readPicture((await this.files['picture']?.[0]?.bytes()) ?? Buffer.alloc(0));
    if ('problem' in read) return this.show(400, { pictureError: read.problem });
    await people.setPicture(id, read.picture);
    await noteChanged(this.chat, id);
    return this.done('picture', 'profile');
  });
}

/** Theme, language and the rest. */
export class PreferencesHandler extends SettingsHandler {
  readonly post: Verb = authenticated(async function (this: PreferencesHandler): Promise<void> {
    const form = createForm(this, PreferencesForm);
    if (!(await form.validate())) return this.show(400, { preferences: form });
    const { language, timeZone, ...others } = form.values;
    const { id } = this.signedIn.person;
    const choices = {
      ...others,
      language: language === ofBrowser ? null : language,
      timeZone: timeZone === ofBrowser ? null : timeZone,
    };
    await this.chat.people.choose(id, choices);
    // For pages before the next sign-in in this browser.
    this.rememberChoices(choices);
    const notification: ChatNotification = { type: 'choices', choices };
    await this.chat.rooms.notify(id, notification).catch((error: unknown) => {
      this.chat.log.warn({ err: error }, 'A notification of changed choices failed');
    });
    return this.done('preferences', 'preferences');
  });
}

/** The password. All other sessions end. */
export class PasswordHandler extends SettingsHandler {
  #closeSockets: (() => Promise<void>) | undefined;

  readonly post: Verb = authenticated(async function (this: PasswordHandler): Promise<void> {
    const form = this.createPasswordForm();
    if (!(await form.validate())) return this.show(400, { password: form });
    const { person } = this.signedIn;
    const { remoteAddress: address } = this.request;
    const { accounts, sessions } = this.chat;
    const { current, password } = form.values as { readonly current?: string; readonly password: string };
    if (current !== undefined) {
      const result = await accounts.logIn(person.name, current, address, findKnownBrowser(this));
      if ('problems' in result) return this.show(400, { password: addWrong(form, result.problems, this.t) });
    }
    const sessionId = await storeSession(this, this.signedIn);
    await this.chat.signInLinks.remove(person.id);
    await accounts.setPassword(person.id, password, address);
    await this.chat.accountLog.changedPassword(person.id, address);
    if (this.hasForgottenPassword) this.session.delete('by-link');
    const ended = await sessions.stored.endOthers(person.id, sessionId);
    this.#closeSockets = () => endSessions(this.chat, person.id, ended);
    return this.done('password', 'password');
  });

  override onFinish(): Promise<void> | undefined {
    return this.#closeSockets?.();
  }
}

/** Signs out one device, or all others. */
export class SessionsHandler extends SettingsHandler {
  #closeSockets: (() => Promise<void>) | undefined;

  readonly post: Verb = authenticated(async function (this: SessionsHandler): Promise<void> {
    const { person, sessionId } = this.signedIn;
    const { stored } = this.chat.sessions;
    const handle = this.getBodyArgument('handle', '');
    let ended: readonly string[];
    if (handle === '') {
      const keptId = await storeSession(this, this.signedIn);
      ended = await stored.endOthers(person.id, keptId);
      await this.chat.accounts.endUnstored(person.id);
    } else {
      // A handle of another person is as unknown as one that does not exist.
      const isOwn = (await stored.of(person.id)).some((session) => session.handle === handle);
      if (!isOwn || handle === sessionId) throw new HttpError(404);
      ended = (await stored.end(handle)) ? [handle] : [];
    }
    this.#closeSockets = () => endSessions(this.chat, person.id, ended);
    await this.chat.accountLog.endedSessions(person.id, this.request.remoteAddress, ended.length);
    return this.done(handle === '' ? 'sessions' : 'session', 'sessions');
  });

  override onFinish(): Promise<void> | undefined {
    return this.#closeSockets?.();
  }
}

/** Deletes the account. The messages stay. */
export class DeleteHandler extends SettingsHandler {
  #closeSockets: (() => Promise<void>) | undefined;

  readonly post: Verb = authenticated(async function (this: DeleteHandler): Promise<void> {
    const form = createForm(this, DeleteForm);
    if (!(await form.validate())) return this.show(400, { deletion: form });
    const { person } = this.signedIn;
    const { accounts, people, sessions } = this.chat;
    const { current } = form.values;
    const result = await accounts.logIn(person.name, current, this.request.remoteAddress, findKnownBrowser(this));
    if ('problems' in result) return this.show(400, { deletion: addWrong(form, result.problems, this.t) });
    const newOwners: NewOwner[] = [];
    const { directory } = this.chat;
    const rooms = await directory.ownRooms(person.id);
    if ((await people.delete(person.id, Date.now(), newOwners)) === 'last')
      return this.show(409, { deletion: form.addError(this.t('deleteLast'), { focus: 'current' }) });
    await noteChanged(this.chat, person.id);
    await directory.noteOwners(newOwners);
    await directory.noteMembers(rooms);
    const ended = await sessions.stored.endOthers(person.id, this.signedIn.sessionId);
    const closeOwn = await signOut(this, this.chat, this.signedIn);
    this.#closeSockets = async () => {
      await endSessions(this.chat, person.id, ended);
      await closeOwn();
    };
    this.forgetTexts(person.id);
    return this.redirect('/login?ended=deleted', { status: 303 });
  });

  override onFinish(): Promise<void> | undefined {
    return this.#closeSockets?.();
  }
}

/** The problems of a sign-in, in a form with the current password only. */
function addWrong<Shown extends Parameters<typeof addProblems>[0]>(
  form: Shown,
  problems: Parameters<typeof addProblems>[1],
  t: TranslatePage,
): Shown {
  if (problems.form === 'loginWrong') form.addError(t('passwordWrong'), { field: 'current' });
  else addProblems(form, problems, t, 'current');
  return form;
}
