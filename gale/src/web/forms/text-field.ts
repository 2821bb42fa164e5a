/** Fields for text: `textField`, `textareaField`, `passwordField`, `emailField` and `hiddenField`. */
import { assertInteger, readChoices, readIntegers, wrongValue } from '../../run/given-options.ts';
import { tidyValue } from '../arguments.ts';
import { element, startTag, type Attributes } from './attributes.ts';
import { xhtmlEscape } from '../escape.ts';
import { isEmailAddress } from './email-address.ts';
import type { Field, FieldReading, InputState } from './field.ts';
import {
  resolveFieldOptions,
  type AnySchema,
  type Checked,
  type CheckOptions,
  type FieldDefaults,
  type FieldOptions,
  type ResolvedFieldOptions,
} from './field-options.ts';
import { TypedField } from './typed-field.ts';

/** Lengths of a text. */
export interface LengthOptions {
  /** Minimum in characters (code points) of a text that is not empty. @defaultValue 0 */
  readonly minLength?: number;
  /** Maximum in characters (code points), 1 to 1,000,000. @defaultValue 200; 10 000 for a textarea, 256 for a password, 1 000 for a hidden field */
  readonly maxLength?: number;
}

/** Whether white space counts. */
export interface RawOptions {
  /** Whether to keep control characters and white space around the text, as a password does. A line break is kept too. @defaultValue false */
  readonly raw?: boolean;
}

/** Options of {@link textField}. */
export interface TextFieldOptions extends FieldOptions, LengthOptions, RawOptions {
  /** A regular expression that the whole text must match. @defaultValue none */
  readonly pattern?: RegExp;
  /** Type of the input: `search` and `tel` change the keyboard of a phone. @defaultValue 'text' */
  readonly type?: 'text' | 'search' | 'tel';
}

/** Options of {@link textareaField}. */
export interface TextareaFieldOptions extends FieldOptions, LengthOptions, RawOptions {
  /** Height in lines, 1 to 100. @defaultValue 5 */
  readonly rows?: number;
}

/** Options of {@link passwordField}. */
export interface PasswordFieldOptions extends FieldOptions, LengthOptions {}

/** Options of {@link hiddenField}. */
export interface HiddenFieldOptions {
  /** Maximum in characters (code points), 1 to 1,000,000. @defaultValue 1 000 */
  readonly maxLength?: number;
}

/** One line of text. Control characters become spaces, and white space around it is removed. */
export function textField<const Required extends boolean = true, Schema extends AnySchema = undefined>(
  options: TextFieldOptions & CheckOptions<string, Required, Schema>,
): Field<Checked<string, Required, Schema>, string> {
  const common = resolveFieldOptions('textField', options, ['minLength', 'maxLength', 'pattern', 'type', 'raw']);
  const { type, raw } = readChoices(options, { type: ['text', 'search', 'tel'], raw: [false, true] });
  return new TextField(common, readLengths(options, 200), { type, raw, pattern: readPattern(options.pattern) });
}

/** Several lines of text. Line breaks are `\n`. */
export function textareaField<const Required extends boolean = true, Schema extends AnySchema = undefined>(
  options: TextareaFieldOptions & CheckOptions<string, Required, Schema>,
): Field<Checked<string, Required, Schema>, string> {
  const common = resolveFieldOptions('textareaField', options, ['minLength', 'maxLength', 'rows', 'raw']);
  const { raw } = readChoices(options, { raw: [false, true] });
  const { rows } = readIntegers(options, { rows: [5, 1, 100] });
  return new TextareaField(common, readLengths(options, 10_000), { raw }, rows);
}

/** A password, exactly as it was typed. The page never contains it. `autocomplete` should be `new-password` for a new one. */
export function passwordField<const Required extends boolean = true, Schema extends AnySchema = undefined>(
  options: PasswordFieldOptions & CheckOptions<string, Required, Schema>,
): Field<Checked<string, Required, Schema>, never> {
  const defaults = { autocomplete: 'current-password' };
  const common = resolveFieldOptions('passwordField', options, ['minLength', 'maxLength'], defaults);
  return new PasswordField(common, readLengths(options, 256)) as Field<Checked<string, Required, Schema>, never>;
}

/** An address with one `@`, at most 254 characters. Letters of all languages are allowed. */
export function emailField<const Required extends boolean = true, Schema extends AnySchema = undefined>(
  options: FieldOptions & CheckOptions<string, Required, Schema>,
): Field<Checked<string, Required, Schema>, string> {
  return new EmailField(resolveFieldOptions('emailField', options, [], { autocomplete: 'email' }));
}

/**
 * A value that the page keeps and nobody sees. Clients can change it, so check it like any other. White space is kept; line breaks
 * become `\n`.
 */
export function hiddenField<const Required extends boolean = false, Schema extends AnySchema = undefined>(
  options: HiddenFieldOptions & CheckOptions<string, Required, Schema> = {},
): Field<Checked<string, Required, Schema>, string> {
  const defaults: FieldDefaults = { required: false, label: '' };
  const common = resolveFieldOptions('hiddenField', options, ['maxLength'], defaults);
  return new HiddenField(common, readLengths(options, 1000));
}

interface Lengths {
  readonly minLength: number;
  readonly maxLength: number;
}

interface TextRules extends RawOptions {
  readonly type?: string;
  readonly pattern?: RegExp | undefined;
}

class TextField<Value> extends TypedField<Value, string> {
  override readonly kind: string = 'text';
  protected override readonly wanted: string = 'a string';
  readonly #minLength: number;
  readonly #type: string;
  readonly #pattern: RegExp | undefined;
  readonly #isRaw: boolean;

  constructor(
    options: ResolvedFieldOptions,
    { minLength, maxLength }: Lengths,
    { type = 'text', pattern, raw = false }: TextRules = {},
  ) {
    super(options, maxLength);
    this.#minLength = minLength;
    this.#type = type;
    this.#pattern = pattern;
    this.#isRaw = raw;
  }

  protected override parse(text: string): FieldReading {
    if (text.length < 2 * this.#minLength && [...text].length < this.#minLength) {
      return { rule: 'tooShort', values: { count: this.#minLength } };
    }
    if (this.#pattern !== undefined && !this.#pattern.test(text)) return { rule: 'pattern' };
    return { value: text };
  }

  protected override format(value: string): string | undefined {
    return typeof value === 'string' ? value : undefined;
  }

  protected override inputAttributes(): Attributes {
    return { ...super.inputAttributes(), type: this.#type };
  }

  protected override normalize(text: string): string {
    return this.#isRaw ? text : this.tidy(text);
  }

  /** One line. Browsers send no line breaks of an input. */
  protected tidy(text: string): string {
    return tidyValue(text.replaceAll(/[\r\n]+/g, ' '));
  }
}

class TextareaField<Value> extends TextField<Value> {
  override readonly kind = 'textarea';
  readonly #rows: number;

  constructor(options: ResolvedFieldOptions, lengths: Lengths, rules: RawOptions, rows: number) {
    super(options, lengths, rules);
    this.#rows = rows;
  }

  override inputHtml(state: InputState): string {
    const attributes = this.attributes(state, { rows: this.#rows, required: this.options.required });
    // Parsers drop a line break at the start.
    return element('textarea', attributes, `\n${xhtmlEscape(state.texts[0] ?? '')}`);
  }

  protected override normalize(text: string): string {
    return super.normalize(text.replaceAll(/\r\n?/g, '\n'));
  }

  protected override tidy(text: string): string {
    return tidyValue(text);
  }
}

class PasswordField<Value> extends TextField<Value> {
  override readonly kind = 'password';

  override keep(): readonly string[] {
    return [];
  }

  override inputHtml(state: InputState): string {
    return startTag('input', this.attributes(state, { type: 'password', required: this.options.required }));
  }

  protected override normalize(text: string): string {
    return text;
  }
}

class EmailField<Value> extends TextField<Value> {
  override readonly kind = 'email';

  constructor(options: ResolvedFieldOptions) {
    super(options, { minLength: 0, maxLength: 254 }, { type: 'email' });
  }

  protected override parse(text: string): FieldReading {
    return isEmailAddress(text) ? { value: text } : { rule: 'email' };
  }
}

class HiddenField<Value> extends TextField<Value> {
  override readonly kind = 'hidden';

  override inputHtml({ id, name, texts }: InputState): string {
    return startTag('input', { id, name, type: 'hidden', value: texts[0] ?? '' });
  }

  protected override normalize(text: string): string {
    return text.replaceAll(/\r\n?/g, '\n');
  }
}

function readLengths(options: LengthOptions, maxByDefault: number): Lengths {
  const { maxLength } = readIntegers(options, { maxLength: [maxByDefault, 1, 1_000_000] });
  const { minLength = 0 } = options;
  assertInteger('minLength', minLength, 0, maxLength);
  return { minLength, maxLength };
}

/** Anchors an expression like the attribute `pattern` of HTML. */
function readPattern(pattern: RegExp | undefined): RegExp | undefined {
  if (pattern === undefined) return undefined;
  if (!(pattern instanceof RegExp) || /[gmy]/.test(pattern.flags)) {
    throw wrongValue('pattern', 'a regular expression without the flags g, m and y', pattern);
  }
  return new RegExp(`^(?:${pattern.source})$`, pattern.flags);
}
