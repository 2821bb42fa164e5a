/** The package `gale/forms`: forms with typed fields, their HTML and their validation. No logic. */
export { Form } from './web/forms/form.ts';
export type { FormClass } from './web/forms/form.ts';
export type { FormOptions } from './web/forms/form-options.ts';
export type { FormDefinitionOptions, FormFields, FormInput, FormValues } from './web/forms/form-definition.ts';
export type { AddErrorOptions, FormError } from './web/forms/form-error.ts';
export type { FormLocale, FormRequest } from './web/forms/form-request.ts';
export type { FormRule } from './web/forms/form-texts.ts';
export type { ReaderRequest } from './web/forms/reader-language.ts';
export type { Translate } from './web/forms/form-translator.ts';
export type { TextValues } from './web/locale/placeholders.ts';
export { chineseFormTexts } from './web/forms/chinese-form-texts.ts';
export type { AnyField, Field } from './web/forms/field.ts';
export type { AnySchema, Checked, CheckOptions, FieldOptions, Output } from './web/forms/field-options.ts';
export type { FieldView } from './web/forms/field-view.ts';
export { emailField, hiddenField, passwordField, textareaField, textField } from './web/forms/text-field.ts';
export type {
  HiddenFieldOptions,
  LengthOptions,
  PasswordFieldOptions,
  RawOptions,
  TextareaFieldOptions,
  TextFieldOptions,
} from './web/forms/text-field.ts';
export { decimalField, integerField } from './web/forms/number-field.ts';
export type { DecimalFieldOptions, NumberFieldOptions } from './web/forms/number-field.ts';
export { dateField, timeField } from './web/forms/calendar-field.ts';
export type { DateFieldOptions, TimeFieldOptions } from './web/forms/calendar-field.ts';
export { choiceField, multipleChoiceField } from './web/forms/choice-field.ts';
export type { ChoiceFieldOptions, MultipleChoiceFieldOptions } from './web/forms/choice-field.ts';
export type { GivenChoices } from './web/forms/choices.ts';
export { checkboxField } from './web/forms/checkbox-field.ts';
export { fileField } from './web/forms/file-field.ts';
export type { FileFieldOptions, FileValue } from './web/forms/file-field.ts';
