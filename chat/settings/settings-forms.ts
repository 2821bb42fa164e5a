/**
 * The forms of the page of settings. Their labels and messages are keys of the texts of the pages.
 */
import { choiceField, Form, passwordField, type Field, type FormClass, type FormValues } from 'gale/forms';
import { settledNameField, settledPasswordField } from '../accounts/account-forms.ts';
import { maxPasswordUnits } from '../accounts/password.ts';
import { languageNames } from '../locale/index.ts';
import type { PageKey } from '../locale/pages/index.ts';
import { roomOrders, sendKeys, themes, type RoomOrder, type SendKey, type Theme } from '../people/choices.ts';
import { timeZones } from './time-zones.ts';

const key = (phrase: PageKey): PageKey => phrase;

/** A class of forms with some fields. */
type Of<Fields extends Parameters<typeof Form.of>[0]> = FormClass<Fields, FormValues<Fields>>;

/** The value of a choice that the browser makes. */
export const ofBrowser = 'browser';

export const ProfileForm: Of<{ readonly name: Field<string> }> = Form.of(
  { name: settledNameField },
  { summary: false },
);

const languages = Object.entries(languageNames).map(([tag, name]) => [tag, name] as const);
const themeNames: Readonly<Record<Theme, PageKey>> = { system: 'themeSystem', light: 'themeLight', dark: 'themeDark' };
const sendKeyNames: Readonly<Record<SendKey, PageKey>> = { enter: 'sendKeyEnter', 'ctrl-enter': 'sendKeyCtrlEnter' };
const orderNames: Readonly<Record<RoomOrder, PageKey>> = { activity: 'roomOrderActivity', name: 'roomOrderName' };

export const PreferencesForm: Of<{
  readonly theme: Field<Theme, Theme>;
  readonly language: Field<string, string>;
  readonly timeZone: Field<string, string>;
  readonly sendKey: Field<SendKey, SendKey>;
  readonly roomOrder: Field<RoomOrder, RoomOrder>;
}> = Form.of(
  {
    theme: choiceField({
      label: key('theme'),
      choices: themes.map((each) => [each, themeNames[each]] as const),
      display: 'radio',
    }),
    language: choiceField<string>({
      label: key('language'),
      choices: [[ofBrowser, key('languageOfBrowser')], ...languages],
    }),
    timeZone: choiceField<string>({
      label: key('timeZone'),
      // The page replaces the ids by names in its language.
      choices: [[ofBrowser, key('timeZoneOfBrowser')], ...timeZones.map((zone) => [zone, zone] as const)],
    }),
    sendKey: choiceField({
      label: key('sendKey'),
      hint: key('sendKeyHint'),
      choices: sendKeys.map((each) => [each, sendKeyNames[each]] as const),
      display: 'radio',
    }),
    roomOrder: choiceField({
      label: key('roomOrder'),
      choices: roomOrders.map((each) => [each, orderNames[each]] as const),
      display: 'radio',
    }),
  },
  { summary: false },
);

const currentPassword = passwordField({
  label: key('currentPassword'),
  maxLength: maxPasswordUnits,
  autocomplete: 'current-password',
  messages: { required: key('passwordMissing'), tooLong: key('passwordTooLong') },
});

/** A new password, with the one before. */
export const PasswordForm: Of<{ readonly current: Field<string, never>; readonly password: Field<string, never> }> =
  Form.of({ current: currentPassword, password: settledPasswordField }, { summary: false });

/** A new password, after signing in with a link. */
export const ForgottenPasswordForm: Of<{ readonly password: Field<string, never> }> = Form.of(
  { password: settledPasswordField },
  { summary: false },
);

export const DeleteForm: Of<{ readonly current: Field<string, never> }> = Form.of(
  { current: currentPassword },
  { summary: false },
);
