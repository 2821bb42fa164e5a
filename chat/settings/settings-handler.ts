/**
 * The page of settings: `/settings`. Each of its forms is sent to an address of its own, whose handler extends this one and shows the page
 * again with what is wrong.
 */
import { authenticated } from 'gale';
import type { PersonSession } from 'gale/sessions';
import type { SignedIn } from '../accounts/signed-in.ts';
import { initials, tint } from '../browser/text/initials.ts';
import type { PageKey } from '../locale/pages/index.ts';
import { createForm } from '../pages/create-form.ts';
import { PanelHandler, type Note } from '../pages/panel-handler.ts';
import { readDevice } from './device.ts';
import { timeZoneLabels } from './time-zones.ts';
import {
  DeleteForm,
  ForgottenPasswordForm,
  ofBrowser,
  PasswordForm,
  PreferencesForm,
  ProfileForm,
} from './settings-forms.ts';

/** Forms of the page that were sent, and the error of the picture. */
export interface ShownForms {
  readonly profile?: InstanceType<typeof ProfileForm>;
  readonly preferences?: InstanceType<typeof PreferencesForm>;
  readonly password?: InstanceType<typeof PasswordForm> | InstanceType<typeof ForgottenPasswordForm>;
  readonly deletion?: InstanceType<typeof DeleteForm>;
  readonly pictureError?: PageKey;
}

/** What a page says after something was done. */
const notices: Readonly<Record<string, PageKey>> = {
  profile: 'saved',
  preferences: 'saved',
  picture: 'pictureSaved',
  'picture-removed': 'pictureRemoved',
  password: 'passwordChanged',
  session: 'sessionEndedNotice',
  sessions: 'othersEndedNotice',
};

export class SettingsHandler extends PanelHandler {
  readonly get: () => Promise<void> = authenticated(async function (this: SettingsHandler): Promise<void> {
    const { path } = this.request;
    if (path !== '/settings') return this.redirect('/settings', { status: 303 });
    return this.show(200);
  });

  protected override get notices(): Readonly<Record<string, PageKey>> {
    return notices;
  }

  /** The person of the request. Call it in verbs that are `authenticated`. */
  protected get signedIn(): SignedIn {
    if (!this.currentUser) throw new Error('Nobody is signed in.');
    return this.currentUser;
  }

  /** Whether the person signed in with a link, so that the current password is not asked for. */
  protected get hasForgottenPassword(): boolean {
    return this.session.get('by-link') === true;
  }

  /** Writes the page. */
  protected async show(status: number, forms: ShownForms = {}): Promise<void> {
    const { person, choices, picture } = this.signedIn;
    const { id, name } = person;
    const { language, timeZone, ...others } = choices;
    const chosen = { ...others, language: language ?? ofBrowser, timeZone: timeZone ?? ofBrowser };
    const preferences =
      forms.preferences ?? createForm(this, PreferencesForm, '/settings/preferences').fillFrom(chosen);
    const zones = await timeZoneLabels(this.language);
    preferences.setChoices('timeZone', [[ofBrowser, this.t('timeZoneOfBrowser')], ...zones]);
    this.setStatus(status);
    await this.render('settings.html', {
      profile: forms.profile ?? createForm(this, ProfileForm, '/settings/profile').fillFrom({ name }),
      preferences,
      password: forms.password ?? this.createPasswordForm(),
      hasForgottenPassword: this.hasForgottenPassword,
      deletion: forms.deletion ?? createForm(this, DeleteForm, '/settings/delete'),
      pictureError: forms.pictureError,
      avatar: { id, initials: initials(name), tint: tint(id), picture },
      me: { id, name },
      sessions: await this.#sessions(),
    });
  }

  /** Counts a change of the name or picture. @returns 0, or the seconds until the next one, which `Retry-After` has too. */
  protected async countProfileChange(): Promise<number> {
    const seconds = await this.chat.profileLimit.count(this.signedIn.person.id);
    if (seconds > 0) this.setHeader('Retry-After', seconds);
    return seconds;
  }

  protected createPasswordForm(): NonNullable<ShownForms['password']> {
    return this.hasForgottenPassword
      ? createForm(this, ForgottenPasswordForm, '/settings/password')
      : createForm(this, PasswordForm, '/settings/password');
  }

  protected done(notice: string, section: string): Promise<void> {
    return this.redirect(`/settings?done=${notice}#${section}`, { status: 303 });
  }

  async #sessions(): Promise<ListedDevice[]> {
    const { person, sessionId } = this.signedIn;
    const listed = await this.chat.sessions.stored.of(person.id);
    const toDevice = (session: PersonSession): ListedDevice => ({
      handle: session.handle,
      name: this.#deviceName(session),
      isThis: session.handle === sessionId,
      seenAt: session.seenAt,
      seen: this.timeNote('lastUsed', session.seenAt.getTime()),
    });
    return listed.map(toDevice).toSorted((one, other) => Number(other.isThis) - Number(one.isThis));
  }

  #deviceName({ values }: PersonSession): string {
    const { browser, system } = readDevice(String(values['agent'] ?? ''));
    if (browser !== undefined && system !== undefined) return this.t('deviceOn', { browser, system });
    return browser ?? system ?? this.t('unknownDevice');
  }
}

/** A session as the page shows it. */
interface ListedDevice {
  readonly handle: string;
  readonly name: string;
  readonly isThis: boolean;
  readonly seenAt: Date;
  readonly seen: Note;
}
