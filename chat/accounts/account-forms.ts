/**
 * The forms for sign-in and registration. Their labels, hints and messages are keys of the chat's texts, which
 * form-handler.ts translates.
 */
import {
  Form,
  hiddenField,
  passwordField,
  textField,
  type Field,
  type FormClass,
  type FormValues,
  type TextFieldOptions,
} from 'gale/forms';
import type { PageKey } from '../locale/pages/index.ts';
import { maxPersonNameUnits } from '../name.ts';
import { personNameProblem } from '../names/person-name.ts';
import { maxPasswordUnits, passwordProblem } from './password.ts';

/** The fields of both forms. */
export type AccountFields = {
  readonly name: Field<string>;
  readonly password: Field<string, never>;
  /** Where to go afterwards. */
  readonly next: Field<string | undefined, string>;
};
/** The class of both forms. */
export type AccountFormClass = FormClass<AccountFields, FormValues<AccountFields>>;

const key = (phrase: PageKey): PageKey => phrase;

// The rules of the chat count after NFC, so the fields only limit the work before it.
const name = {
  label: key('name'),
  raw: true,
  maxLength: maxPersonNameUnits,
  autocomplete: 'username',
  autofocus: true,
  attributes: { autocapitalize: 'none', spellcheck: 'false', dir: 'auto' },
} satisfies TextFieldOptions;
const nameMessages = { tooLong: key('nameTooLong'), characters: key('nameCharacters') };
const password = { label: key('password'), maxLength: maxPasswordUnits };
const passwordMessages = { tooLong: key('passwordTooLong') };
/** A text that no address can have is ignored, however long it is. */
const next = hiddenField({ maxLength: 65_536 });

/** Sign-in. */
export const LoginForm: AccountFormClass = Form.of(
  {
    name: textField({ ...name, messages: { ...nameMessages, required: key('nameMissing') } }),
    password: passwordField({ ...password, messages: { ...passwordMessages, required: key('passwordMissing') } }),
    next,
  },
  { summary: false },
);

/** The name of a new person, or a new name. */
export const newNameField: Field<string> = textField({
  ...name,
  hint: key('nameHint'),
  messages: { ...nameMessages, required: key('nameEmpty') },
  check: personNameProblem,
});

/** A password that a person chooses. */
export const newPasswordField: Field<string, never> = passwordField({
  ...password,
  hint: key('passwordHint'),
  autocomplete: 'new-password',
  messages: { ...passwordMessages, required: key('passwordTooShort') },
  check: passwordProblem,
});

/** Another name of a person, on a page that does not begin with it. */
export const settledNameField: Field<string> = textField({
  ...name,
  autofocus: false,
  hint: key('nameHint'),
  messages: { ...nameMessages, required: key('nameEmpty') },
  check: personNameProblem,
});

/** Another password of a person. */
export const settledPasswordField: Field<string, never> = passwordField({
  ...password,
  label: key('newPassword'),
  hint: key('passwordHint'),
  autocomplete: 'new-password',
  messages: { ...passwordMessages, required: key('passwordTooShort') },
  check: passwordProblem,
});

const newAccount = { name: newNameField, password: newPasswordField, next };

/** Registration, and the account of a person who was invited. */
export const RegisterForm: AccountFormClass = Form.of(newAccount, { summary: false });

/** The account of the first administrator. */
export const setupForm: AccountFormClass = RegisterForm;

/** The same with the token of the setup, which setup-handler.ts reads. */
export const setupFormWithToken: AccountFormClass = Form.of(
  {
    ...newAccount,
    token: textField({
      label: key('setupToken'),
      hint: key('setupTokenHint'),
      raw: true,
      maxLength: 200,
      autocomplete: 'off',
      attributes: { autocapitalize: 'characters', spellcheck: 'false' },
      messages: {
        required: key('setupTokenMissing'),
        tooLong: key('setupTokenWrong'),
        characters: key('setupTokenWrong'),
      },
    }),
  },
  { summary: false },
);
