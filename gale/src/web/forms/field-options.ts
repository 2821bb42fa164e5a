/** The options that every field has, with their checks and the types that follow from them. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import {
  assertFilledString,
  assertFunctions,
  assertNames,
  assertObject,
  readChoices,
  wrongValue,
} from '../../run/given-options.ts';
import { isStandardSchema } from '../validation/validate.ts';
import { assertAutocomplete } from './autocomplete.ts';
import { ruleTexts, type FormRule } from './form-texts.ts';

/** Options of every field that a person sees. */
export interface FieldOptions {
  /** What the field is, in English or as the key of a translation. */
  readonly label: string;
  /** How to fill it in, below the label. @defaultValue none */
  readonly hint?: string;
  /** Your own messages, by rule; `{count}` and other values are filled in. @defaultValue the texts of {@link FormRule} */
  readonly messages?: Readonly<Partial<Record<FormRule, string>>>;
  /** A token of HTML such as `username`, so that browsers and password managers fill in the field. @defaultValue none; `email` and `current-password` for these kinds */
  readonly autocomplete?: string;
  /** Whether the field has the focus when the page opens. A field with an error takes precedence. @defaultValue false */
  readonly autofocus?: boolean;
  /** Further attributes of the input, such as `{ spellcheck: 'false' }`. @defaultValue none */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Options that decide which values a field accepts. */
export interface CheckOptions<Value, Required extends boolean, Schema extends AnySchema> {
  /** Whether an empty field is an error. If not, its value is `undefined`. @defaultValue true; false for checkboxes, several choices and hidden fields */
  readonly required?: Required;
  /** A Standard Schema for a value that is not empty. Its output is the value. @defaultValue none */
  readonly schema?: Schema;
  /**
   * Checks a value that is not empty, after the schema. It returns what is wrong, in English or as the key of a translation, or
   * `undefined`. May be async, such as a question to a database.
   */
  readonly check?: (value: Output<Value, Schema>) => string | undefined | Promise<string | undefined>;
}

/** A Standard Schema, or none. */
export type AnySchema = StandardSchemaV1 | undefined;

/** The output of a schema; without one the value itself. */
export type Output<Value, Schema> = Schema extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<Schema> : Value;

/** The value of a field: also `undefined` if it is not required. */
export type Checked<Value, Required, Schema> = Output<Value, Schema> | (Required extends false ? undefined : never);

/** Options as fields keep them. */
export interface ResolvedFieldOptions {
  readonly label: string;
  readonly hint: string | undefined;
  readonly required: boolean;
  readonly messages: Readonly<Partial<Record<FormRule, string>>>;
  readonly autocomplete: string | undefined;
  readonly autofocus: boolean;
  readonly attributes: Readonly<Record<string, string>>;
  readonly schema: AnySchema;
  readonly check: ((value: never) => unknown) | undefined;
}

/** Values that differ between kinds. */
export interface FieldDefaults {
  readonly required?: boolean;
  readonly autocomplete?: string;
  readonly label?: string;
}

const commonNames: readonly string[] = [
  'label',
  'hint',
  'messages',
  'autocomplete',
  'autofocus',
  'attributes',
  'required',
  'schema',
  'check',
];

/**
 * Checks the common options of a field.
 *
 * @param kind - The function that was called, such as `textField`.
 * @param ownNames - Options of this kind only; the caller checks their values.
 * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
 */
export function resolveFieldOptions(
  kind: string,
  options: unknown,
  ownNames: readonly string[],
  defaults: FieldDefaults = {},
): ResolvedFieldOptions {
  assertNames(kind, options, [...commonNames, ...ownNames]);
  const given = options as Partial<ResolvedFieldOptions>;
  const label = given.label ?? defaults.label;
  if (defaults.label === undefined || label !== '') assertFilledString('label', label);
  if (given.hint !== undefined) assertFilledString('hint', given.hint);
  const byDefault = defaults.required ?? true;
  const { required, autofocus } = readChoices(given, { required: [byDefault, !byDefault], autofocus: [false, true] });
  const autocomplete = given.autocomplete ?? defaults.autocomplete;
  assertAutocomplete('autocomplete', autocomplete);
  assertFunctions(given, ['check']);
  if (given.schema !== undefined && !isStandardSchema(given.schema)) {
    throw wrongValue('schema', 'a Standard Schema, such as one of Zod 4, Valibot or ArkType', given.schema);
  }
  return {
    label: label ?? '',
    hint: given.hint,
    required,
    messages: checkMessages(given.messages),
    autocomplete,
    autofocus,
    attributes: checkAttributes(given.attributes),
    schema: given.schema,
    check: given.check,
  };
}

function checkMessages(messages: ResolvedFieldOptions['messages'] = {}): ResolvedFieldOptions['messages'] {
  assertNames('messages', messages, Object.keys(ruleTexts));
  for (const [rule, text] of Object.entries(messages)) {
    if (text !== undefined) assertFilledString(`messages.${rule}`, text);
  }
  return { ...messages };
}

/** The form writes these itself. */
const ownAttributes: readonly string[] = [
  'id',
  'name',
  'type',
  'value',
  'required',
  'checked',
  'multiple',
  'accept',
  'autofocus',
  'autocomplete',
  'aria-invalid',
  'aria-describedby',
];

function checkAttributes(attributes: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  assertObject('attributes', attributes);
  for (const [name, value] of Object.entries(attributes)) {
    if (!/^[a-z][a-z0-9-]*$/.test(name) || name.startsWith('on') || ownAttributes.includes(name)) {
      const rule = `names in lower case other than ${ownAttributes.join(', ')} and event handlers`;
      throw wrongValue('attributes', rule, name);
    }
    if (typeof value !== 'string') throw wrongValue(`attributes.${name}`, 'a string', value);
  }
  return { ...attributes };
}
