/** The base of the fields with one typed text: it checks the length, then the characters, then leaves the rest to the kind. */
import { wrongValue } from '../../run/given-options.ts';
import { tidyValue } from '../arguments.ts';
import { startTag, type Attributes } from './attributes.ts';
import { Field, type FieldReading, type InputState, type SentField } from './field.ts';
import type { ResolvedFieldOptions } from './field-options.ts';

/** White space around a value that does not count as its length, in UTF-16 units. */
const sparedUnits = 1000;

export abstract class TypedField<Value, Input = Value> extends Field<Value, Input> {
  /** Maximum in code points. */
  readonly maxLength: number;

  constructor(options: ResolvedFieldOptions, maxLength: number) {
    super(options);
    this.maxLength = maxLength;
  }

  override read({ texts }: SentField): FieldReading {
    if (texts.length > 1) return { rule: 'several' };
    const [sent = ''] = texts;
    if (this.#isFarTooLong(sent)) return this.#tooLong();
    const text = this.normalize(sent);
    if (text === '') return this.options.required ? { rule: 'required' } : { value: undefined };
    if (text.length > this.maxLength && [...text].length > this.maxLength) return this.#tooLong();
    if (text.includes('\0')) return { rule: 'characters' };
    return this.parse(text);
  }

  override write(name: string, value: Input): readonly string[] {
    const text = this.format(value);
    if (text === undefined) throw wrongValue(name, this.wanted, value);
    return [this.normalize(text.toWellFormed())];
  }

  override keep({ texts: [sent = ''] }: SentField): readonly string[] {
    const kept = this.#isFarTooLong(sent) ? sent.slice(0, 2 * this.maxLength).toWellFormed() : sent;
    // HTML cannot have NUL.
    return [this.normalize(kept).replaceAll('\0', '\ufffd')];
  }

  override inputHtml(state: InputState): string {
    return startTag('input', this.attributes(state, { ...this.inputAttributes(), value: state.texts[0] ?? '' }));
  }

  /** What a value must be to fill in this field. */
  protected abstract readonly wanted: string;

  /** The value of a text that is not empty, normalized, and not too long. */
  protected abstract parse(text: string): FieldReading;

  /** The text of a value; `undefined` if the value has another type. */
  protected abstract format(value: Input): string | undefined;

  /** The type of the input and other attributes of the kind. */
  protected inputAttributes(): Attributes {
    return { type: 'text', required: this.options.required };
  }

  /** One line without control characters and surrounding white space, as browsers send it. */
  protected normalize(text: string): string {
    return tidyValue(text.replaceAll(/[\r\n]+/g, ' '));
  }

  /** Before any work. A code point has at most two UTF-16 units, and a line break is sent as two characters. */
  #isFarTooLong(text: string): boolean {
    return text.length > 2 * this.maxLength + sparedUnits;
  }

  #tooLong(): FieldReading {
    return { rule: 'tooLong', values: { count: this.maxLength } };
  }
}
