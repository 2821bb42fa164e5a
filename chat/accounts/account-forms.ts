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
import type { PhraseKey } from '../locale/index.ts';
import { maxPersonNameUnits, nameProblem } from '../name.ts';
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

const key = (phrase: PhraseKey): PhraseKey => phrase;

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

/** Registration. */
export const RegisterForm: AccountFormClass = Form.of(
  {
    name: textField({
      ...name,
      hint: key('nameHint'),
      messages: { ...nameMessages, required: key('nameEmpty') },
      check: nameProblem,
    }),
    password: passwordField({
      ...password,
      hint: key('passwordHint'),
      autocomplete: 'new-password',
      messages: { ...passwordMessages, required: key('passwordTooShort') },
      check: passwordProblem,
    }),
    next,
  },
  { summary: false },
);
