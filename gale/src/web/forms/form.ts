/**
 * A form of one request: what was filled in or typed, its errors, its values and its HTML. The class says which fields it has; an
 * object belongs to one handler.
 */
import { GaleError } from '../../errors.ts';
import { assertFilledString, assertNames, assertObject, wrongValue } from '../../run/given-options.ts';
import { inspect } from '../validation/validate.ts';
import { ValidationError, type ValidationIssue } from '../validation/validation-error.ts';
import { checkValue } from './checked-value.ts';
import { FieldOfChoices } from './choice-field.ts';
import { Choices, type GivenChoices } from './choices.ts';
import type { AnyField } from './field.ts';
import type { AnySchema, Output } from './field-options.ts';
import { FieldView } from './field-view.ts';
import {
  fieldNamed,
  resolveDefinition,
  type FormDefinition,
  type FormDefinitionOptions,
  type FormFields,
  type FormInput,
  type FormValues,
} from './form-definition.ts';
import { FormErrors, type AddErrorOptions, type FormError } from './form-error.ts';
import { resolveFormOptions, type FormOptions } from './form-options.ts';
import { formStart, submitHtml, summaryHtml, summaryId } from './form-html.ts';
import { readSentFields, type FormRequest } from './form-request.ts';
import { pageTexts, ruleTexts } from './form-texts.ts';
import type { FormTranslator } from './form-translator.ts';

/** A class of forms, to extend or to use as it is. */
export interface FormClass<Fields extends FormFields, Values> {
  new (request: FormRequest, options?: FormOptions): Form<Fields, Values>;
  /** The fields, also for other classes: `Form.of({ ...Login.fields, again })`. */
  readonly fields: Fields;
}

/**
 * A form with typed fields. Extend the result of {@link Form.of}.
 *
 * @example
 * class Register extends Form.of({
 *   name: textField({ label: 'Name', maxLength: 32, autocomplete: 'username' }),
 *   password: passwordField({ label: 'Password', minLength: 8, autocomplete: 'new-password' }),
 *   again: passwordField({ label: 'Password again', autocomplete: 'new-password' }),
 * }) {
 *   override check() {
 *     if (this.values.password !== this.values.again) this.addError('The passwords differ.', { field: 'again' });
 *   }
 * }
 */
export abstract class Form<Fields extends FormFields = FormFields, Values = FormValues<Fields>> {
  /** The definition of a subclass. @internal */
  static readonly definition: FormDefinition | undefined = undefined;

  readonly #definition: FormDefinition;
  readonly #request: FormRequest;
  readonly #translator: FormTranslator;
  readonly #id: string;
  readonly #action: string | undefined;
  readonly #choices = new Map<string, Choices>();
  /** Texts of the fields by name: those that were filled in, later those that were sent. */
  readonly #texts = new Map<string, readonly string[]>();
  readonly #errors = new FormErrors();
  #validation: Promise<boolean> | undefined;
  /** Known while `check` runs, and afterwards if all is valid. */
  #output: { readonly values: unknown } | undefined;

  /**
   * Creates a class of forms. The options of fields and form are checked here, once.
   *
   * @param fields - By name, in the order of the page.
   * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
   */
  static of<const Fields extends FormFields, Schema extends AnySchema = undefined>(
    fields: Fields,
    options: FormDefinitionOptions<Schema> = {},
  ): FormClass<Fields, Output<FormValues<Fields>, Schema>> {
    const definition = resolveDefinition(fields, options);
    const defined = class extends Form {
      static override readonly definition = definition;
      static readonly fields: FormFields = Object.freeze({ ...fields });
    };
    return defined as unknown as FormClass<Fields, Output<FormValues<Fields>, Schema>>;
  }

  /** @param request - The handler: `new Register(this)`. */
  constructor(request: FormRequest, options: FormOptions = {}) {
    const { definition } = new.target;
    if (definition === undefined) throw new GaleError('WEB_FORM', 'A class of forms must extend Form.of({ … }).');
    assertObject('handler', request);
    const { id, action, translator } = resolveFormOptions(options, definition, request);
    this.#definition = definition;
    this.#request = request;
    this.#id = id;
    this.#action = action;
    this.#translator = translator;
  }

  /** The values after {@link Form.validate} returned true. @throws {@link GaleError} `WEB_FORM` before, and with errors. */
  get values(): Values {
    if (this.#output !== undefined) return this.#output.values as Values;
    throw new GaleError('WEB_FORM', 'values of a form were read before validate() returned true.');
  }

  /** What is wrong, in the order in which it was found. */
  get errors(): readonly FormError[] {
    return this.#errors.list;
  }

  /**
   * Fills in fields before the page is rendered. What a client sent takes precedence.
   *
   * @param values - An object such as a row of a database. Missing values, null and undefined leave a field empty; names without a field,
   *   passwords and files are ignored.
   * @throws {@link GaleError} `OPTION_VALUE` for a value of the wrong type.
   */
  fillFrom(values: FormInput<Fields>): this {
    assertObject('values', values);
    for (const [name, field] of this.#definition.fields) {
      // Getters of a class count, methods of every object do not.
      const isKnown = Object.hasOwn(values, name) || !(name in Object.prototype);
      const value: unknown = isKnown ? Reflect.get(values, name) : undefined;
      if (value !== undefined && value !== null && this.#validation === undefined) {
        this.#texts.set(name, field.write(name, value as never));
      }
    }
    return this;
  }

  /**
   * Replaces the choices of a field in this form, such as rooms of a person. Their labels are not translated. Call it before {@link Form.validate}.
   *
   * @throws {@link GaleError} `OPTION_VALUE` for another field, and for wrong choices.
   */
  setChoices(name: keyof Fields & string, choices: GivenChoices): this {
    if (!(fieldNamed(this.#definition, name) instanceof FieldOfChoices)) {
      throw wrongValue('field', 'the name of a choiceField or multipleChoiceField', name);
    }
    this.#choices.set(name, new Choices(choices));
    return this;
  }

  /**
   * Reads and checks what the client sent: each field, then the schema of the form, then {@link Form.check}. The last two run only if no
   * field is wrong. Further calls return the first result.
   *
   * @returns Whether all is valid, so that {@link Form.values} can be read.
   * @throws {@link HttpError} 415 if the body is no form, 400 for text that is not UTF-8; {@link GaleError} `WEB_SCHEMA` for a schema that fails.
   */
  validate(): Promise<boolean> {
    this.#validation ??= this.#validate();
    return this.#validation;
  }

  /**
   * Like {@link Form.validate}, for clients that read JSON.
   *
   * @returns The values.
   * @throws {@link ValidationError} 422 with the messages.
   */
  async read(): Promise<Values> {
    if (await this.validate()) return this.values;
    throw new ValidationError('body', this.errors.map(toIssue));
  }

  /** Override to check several fields together. Their values are in {@link Form.values}; report errors with {@link Form.addError}. */
  check(): void | Promise<void> {}

  /** Adds an error, also after {@link Form.validate}: a wrong password, a name that is taken. @param text - In English or as the key of a translation. */
  addError(text: string, options: AddErrorOptions<keyof Fields & string> = {}): this {
    assertFilledString('text', text);
    assertNames('addError', options, ['field', 'focus', 'values']);
    const { field, focus, values } = options;
    if (field !== undefined) fieldNamed(this.#definition, field);
    if (focus !== undefined && fieldNamed(this.#definition, focus).kind === 'hidden') {
      throw wrongValue('focus', 'a field that is shown', focus);
    }
    this.#errors.add({ field, rule: undefined, message: this.#translator.text(text, values), focus });
    return this;
  }

  /** One field, to write its parts into your own HTML. */
  field(name: keyof Fields & string): FieldView {
    const field = fieldNamed(this.#definition, name);
    return new FieldView(field, {
      id: this.#idOf(name),
      name,
      texts: this.#texts.get(name) ?? [],
      choices: this.#choices.get(name),
      errors: this.#errors.of(name),
      lang: this.#errors.langOf(name),
      summaryId: this.#errors.concerns(name) ? summaryId(this.#id) : undefined,
      hasFocus: this.#errors.focusedField(this.#definition.fields) === name,
      translator: this.#translator,
    });
  }

  /** The whole form. In a template: `{% raw form.html() %}`. */
  html(): string {
    const names = this.#namesOf((field) => field.kind !== 'hidden');
    const fields = names.map((name) => this.field(name).html());
    const parts = [this.openHtml(), this.summaryHtml(), ...fields, this.submitHtml(), '</form>'];
    return parts.filter((part) => part !== '').join('\n');
  }

  /** The start tag, the XSRF token if the application uses one, and the hidden fields. Close it with `</form>`. */
  openHtml(): string {
    const { method } = this.#definition;
    const hasFiles = this.#namesOf((field) => field.hasFiles).length > 0;
    const start = formStart({ id: this.#id, method, action: this.#action, hasFiles });
    const token = method === 'post' && this.#request.settings.xsrfCookies ? [this.#request.xsrfFormHtml()] : [];
    const hidden = this.#namesOf((field) => field.kind === 'hidden').map((name) => this.field(name).html());
    return [start, ...token, ...hidden].join('\n');
  }

  /** All errors, with links to their fields; empty without one. */
  summaryHtml(): string {
    const { summary, fields } = this.#definition;
    const isListed = ({ field }: FormError): boolean =>
      summary || field === undefined || fields.get(field)?.kind === 'hidden';
    return summaryHtml(this.errors.filter(isListed), {
      id: this.#id,
      hasFocus: this.errors.length > 0 && this.#errors.focusedField(fields) === undefined,
      translator: this.#translator,
      viewOf: (name) => this.field(name),
      linkTo: (name) => {
        const field = fields.get(name);
        return field === undefined || field.kind === 'hidden' ? undefined : field.inputId(this.#idOf(name));
      },
    });
  }

  /** The button. */
  submitHtml(): string {
    const { submit } = this.#definition;
    return submitHtml(this.#translator.text(submit), submit === pageTexts.submit ? this.#translator.lang : undefined);
  }

  async #validate(): Promise<boolean> {
    const { fields, method } = this.#definition;
    const sent = await readSentFields(this.#request, method, [...fields.keys()]);
    const values: Record<string, unknown> = {};
    for (const [name, field] of fields) {
      const { texts = [], files = [] } = sent.get(name) ?? {};
      const state = { texts, files, choices: this.#choices.get(name) };
      this.#texts.set(name, field.keep(state));
      const reading = field.read(state);
      if ('rule' in reading) {
        const { rule, values: limits } = reading;
        const own = field.options.messages[rule];
        const message = this.#translator.text(own ?? ruleTexts[rule], limits);
        this.#errors.add({ field: name, rule, message, lang: own === undefined ? this.#translator.lang : undefined });
        continue;
      }
      const checked = await checkValue(name, field, reading.value);
      if ('value' in checked) values[name] = checked.value;
      else for (const message of checked.messages) this.#addMessage(message, name);
    }
    if (this.errors.length === 0) await this.#checkTogether(values);
    if (this.errors.length > 0) this.#output = undefined;
    return this.errors.length === 0;
  }

  async #checkTogether(values: Readonly<Record<string, unknown>>): Promise<void> {
    const { schema } = this.#definition;
    let output: unknown = values;
    if (schema !== undefined) {
      const result = await inspect('form', schema, values);
      for (const { path, message } of result.issues ?? []) this.#addMessage(message, /^[^.[]*/.exec(path)?.[0]);
      if (result.issues !== undefined) return;
      output = result.value;
    }
    this.#output = { values: output };
    try {
      await this.check();
    } catch (error) {
      this.#output = undefined;
      throw error;
    }
  }

  /** @param name - A field, or anything else for the whole form. */
  #addMessage(text: string, name: string | undefined): void {
    const field = name !== undefined && this.#definition.fields.has(name) ? name : undefined;
    this.#errors.add({ field, rule: undefined, message: this.#translator.text(text) });
  }

  #namesOf(isWanted: (field: AnyField) => boolean): string[] {
    return [...this.#definition.fields].filter(([, field]) => isWanted(field)).map(([name]) => name);
  }

  #idOf(name: string): string {
    return `${this.#id}-${name}`;
  }
}

function toIssue({ field, message }: FormError): ValidationIssue {
  return { path: field ?? '', message };
}
