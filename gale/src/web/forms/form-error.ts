/** What is wrong with a form. */
import type { TextValues } from '../locale/placeholders.ts';
import type { AnyField } from './field.ts';
import type { FormRule } from './form-texts.ts';

/** One error. */
export interface FormError {
  /** Name of the field; `undefined` for the whole form. */
  readonly field: string | undefined;
  /** The rule that the value breaks; `undefined` for an error of a schema, a check or `addError`. */
  readonly rule: FormRule | undefined;
  /** What is wrong, in the language of the form. */
  readonly message: string;
  /** The field with the focus if no field is wrong. */
  readonly focus?: string | undefined;
  /** BCP 47 tag of the message, if it is a text of Gale that may be in another language than the page. */
  readonly lang?: string | undefined;
}

/** Options of `addError`. */
export interface AddErrorOptions<Name extends string> {
  /** The field that is wrong. @defaultValue the whole form */
  readonly field?: Name;
  /** For an error of the whole form: the field to fill in next, such as the password. It has the focus and refers to the summary. @defaultValue the summary has the focus */
  readonly focus?: Name;
  /** Values for `{name}` in the text. @defaultValue none */
  readonly values?: TextValues;
}

/** The errors of one form, and the messages of each field. */
export class FormErrors {
  /** In the order in which they were found. */
  readonly list: FormError[] = [];
  readonly #messages = new Map<string, string[]>();

  add(error: FormError): void {
    this.list.push(error);
    const { field, message } = error;
    if (field === undefined) return;
    const messages = this.#messages.get(field);
    if (messages === undefined) this.#messages.set(field, [message]);
    else messages.push(message);
  }

  /** The messages of a field. */
  of(field: string): readonly string[] {
    return this.#messages.get(field) ?? [];
  }

  /** The language of the messages of a field, if all of them have the same and it may be another than that of the page. */
  langOf(name: string): string | undefined {
    const [first, ...others] = this.list.filter(({ field }) => field === name);
    return others.every(({ lang }) => lang === first?.lang) ? first?.lang : undefined;
  }

  /**
   * The field with the focus: the first one with an error and an input, else the `focus` of an error, else, without an error, the first
   * with the option `autofocus`.
   */
  focusedField(fields: ReadonlyMap<string, AnyField>): string | undefined {
    const hasErrors = this.list.length > 0;
    for (const [name, { kind, options }] of fields) {
      if (hasErrors ? kind !== 'hidden' && this.#messages.has(name) : options.autofocus) return name;
    }
    return this.list.find(({ focus }) => focus !== undefined)?.focus;
  }

  /** Whether an error of the whole form names this field as the next to fill in. */
  concerns(name: string): boolean {
    return this.list.some(({ field, focus }) => field === undefined && focus === name);
  }
}
