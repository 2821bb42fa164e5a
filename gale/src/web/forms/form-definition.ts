/** The fields and options of a class of forms, checked once, and the types that follow from them. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import {
  assertFilledString,
  assertNames,
  assertObject,
  readChoices,
  showValue,
  wrongValue,
} from '../../run/given-options.ts';
import { isStandardSchema } from '../validation/validate.ts';
import { Field, type AnyField } from './field.ts';
import type { AnySchema } from './field-options.ts';
import { pageTexts } from './form-texts.ts';
import { canonicalTag } from './form-translator.ts';

/** Fields by name, in the order of the page. */
export type FormFields = Readonly<Record<string, AnyField>>;

/** The values of fields after validation. */
export type FormValues<Fields> = {
  readonly [Name in keyof Fields]: Fields[Name] extends Field<infer Value, infer _> ? Value : never;
};

/** Values that fill in fields. Passwords and files are never filled in. */
export type FormInput<Fields> = {
  readonly [
    Name in keyof Fields as Fields[Name] extends Field<infer _, infer Input>
      ? [Input] extends [never]
        ? never
        : Name
      : never
  ]?: Fields[Name] extends Field<infer _, infer Input> ? Input | null | undefined : never;
};

/** Options of a class of forms. */
export interface FormDefinitionOptions<Schema extends AnySchema = AnySchema> {
  /** Id of the form, and the beginning of all ids in it. Forms of one page need different ones. @defaultValue 'form' */
  readonly id?: string;
  /** `get` sends the fields in the query, for a search; it has no XSRF token. @defaultValue 'post' */
  readonly method?: 'post' | 'get';
  /** Text of the button, in English or as the key of a translation. @defaultValue 'Send' */
  readonly submit?: string;
  /** Whether the summary lists the errors of fields too. Those without a field are always in it. @defaultValue true */
  readonly summary?: boolean;
  /** Language of the page, as a BCP 47 tag, if it is always the same: `en`. @defaultValue that of the reader */
  readonly language?: string;
  /** A Standard Schema for all values together. Its output is `values`. @defaultValue none */
  readonly schema?: Schema;
}

/** A class of forms, as its objects use it. */
export interface FormDefinition {
  readonly fields: ReadonlyMap<string, AnyField>;
  readonly id: string;
  readonly method: 'post' | 'get';
  readonly submit: string;
  readonly summary: boolean;
  readonly language: string | undefined;
  readonly schema: StandardSchemaV1 | undefined;
}

const maxFields = 500;
/** Begins with a letter, so it is neither `_xsrf` nor `__proto__`. */
const namePattern = /^[A-Za-z][\w-]{0,63}$/;

/** @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`. */
export function resolveDefinition(fields: FormFields, options: FormDefinitionOptions = {}): FormDefinition {
  assertObject('fields', fields);
  const list = Object.entries(fields);
  if (list.length > maxFields) throw wrongValue('fields', `at most ${maxFields} fields`, list.length);
  for (const [name, field] of list) {
    if (!namePattern.test(name)) {
      throw wrongValue('fields', 'names of 1 to 64 letters, digits, _ and - that begin with a letter', name);
    }
    if (!(field instanceof Field)) throw wrongValue(`fields.${name}`, 'a field such as textField({ label })', field);
  }
  assertNames('form', options, ['id', 'method', 'submit', 'summary', 'language', 'schema']);
  const { method, summary } = readChoices(options, { method: ['post', 'get'], summary: [true, false] });
  const { id = 'form', submit = pageTexts.submit, schema, language } = options;
  assertFormId(id);
  assertFilledString('submit', submit);
  if (schema !== undefined && !isStandardSchema(schema)) {
    throw wrongValue('schema', 'a Standard Schema, such as one of Zod 4, Valibot or ArkType', schema);
  }
  const unsafe = list.find(([, field]) => field.kind === 'password' || field.hasFiles);
  if (method === 'get' && unsafe !== undefined) {
    const [name, { kind }] = unsafe;
    throw wrongValue('method', `"post" for the ${kind} field ${name}, which must not be in a URL`, method);
  }
  return {
    fields: new Map(list),
    id,
    method,
    submit,
    summary,
    language: language === undefined ? undefined : canonicalTag(language),
    schema,
  };
}

/** @throws {@link GaleError} `OPTION_VALUE` if the id of a form is not simple enough for all ids in it. */
export function assertFormId(id: unknown): void {
  if (typeof id === 'string' && namePattern.test(id)) return;
  throw wrongValue('id', 'a name of 1 to 64 letters, digits, _ and - that begins with a letter', id);
}

/** @throws {@link GaleError} `OPTION_VALUE` if the form has no such field. */
export function fieldNamed({ fields }: FormDefinition, name: unknown): AnyField {
  const field = typeof name === 'string' ? fields.get(name) : undefined;
  if (field !== undefined) return field;
  const names = [...fields.keys()].join(', ');
  throw wrongValue('field', `one of ${names}`, typeof name === 'string' ? name : showValue(name));
}
