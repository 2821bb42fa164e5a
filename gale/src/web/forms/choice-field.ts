/** Fields to choose one or several of some values: `choiceField` and `multipleChoiceField`. */
import { assertInteger, readChoices, readIntegers, wrongValue } from '../../run/given-options.ts';
import { element, startTag, textElement, type Attributes } from './attributes.ts';
import { Choices, type GivenChoices } from './choices.ts';
import { Field, type FieldReading, type InputState, type SentField } from './field.ts';
import {
  resolveFieldOptions,
  type AnySchema,
  type Checked,
  type CheckOptions,
  type FieldOptions,
  type Output,
  type ResolvedFieldOptions,
} from './field-options.ts';
import { pageTexts } from './form-texts.ts';

/** Options of {@link choiceField}. */
export interface ChoiceFieldOptions<Choice extends string> extends FieldOptions {
  /** The values to choose from, at most 10,000. `setChoices` replaces them for one form. */
  readonly choices: GivenChoices<Choice>;
  /** How it looks. @defaultValue 'select' */
  readonly display?: 'select' | 'radio';
}

/** Options of {@link multipleChoiceField}. */
export interface MultipleChoiceFieldOptions<Choice extends string> extends FieldOptions {
  /** The values to choose from, at most 10,000. `setChoices` replaces them for one form. */
  readonly choices: GivenChoices<Choice>;
  /** How it looks. @defaultValue 'checkboxes' */
  readonly display?: 'checkboxes' | 'select';
  /** Minimum number of chosen values. @defaultValue 1 if the field is required, else 0 */
  readonly minCount?: number;
  /** Maximum number of chosen values. @defaultValue all */
  readonly maxCount?: number;
}

/** One of some values. A value that was not offered is an error. */
export function choiceField<
  const Choice extends string,
  const Required extends boolean = true,
  Schema extends AnySchema = undefined,
>(
  options: ChoiceFieldOptions<Choice> & CheckOptions<Choice, Required, Schema>,
): Field<Checked<Choice, Required, Schema>, Choice> {
  const common = resolveFieldOptions('choiceField', options, ['choices', 'display']);
  const { display } = readChoices(options, { display: ['select', 'radio'] });
  return new ChoiceField(common, new Choices(options.choices), display);
}

/** Any number of some values, each at most once, in the order of the request. Empty if nothing is chosen. */
export function multipleChoiceField<const Choice extends string, Schema extends AnySchema = undefined>(
  options: MultipleChoiceFieldOptions<Choice> & CheckOptions<readonly Choice[], boolean, Schema>,
): Field<Output<readonly Choice[], Schema>, readonly Choice[]> {
  const names = ['choices', 'display', 'minCount', 'maxCount'];
  const common = resolveFieldOptions('multipleChoiceField', options, names, { required: false });
  const { display } = readChoices(options, { display: ['checkboxes', 'select'] });
  const { maxCount } = readIntegers(options, { maxCount: [10_000, 1, 10_000] });
  const least = common.required ? 1 : 0;
  const { minCount = least } = options;
  assertInteger('minCount', minCount, least, maxCount);
  return new MultipleChoiceField(common, new Choices(options.choices), display, [minCount, maxCount]);
}

/** A field with choices. */
export abstract class FieldOfChoices<Value, Input> extends Field<Value, Input> {
  readonly #choices: Choices;
  readonly #display: string;

  constructor(options: ResolvedFieldOptions, choices: Choices, display: string) {
    super(options);
    this.#choices = choices;
    this.#display = display;
  }

  override get groupRole(): 'group' | 'radiogroup' | undefined {
    if (this.#display === 'select') return undefined;
    return this.inputType === 'radio' ? 'radiogroup' : 'group';
  }

  /** Only values that are offered can be shown. */
  override keep(sent: SentField): readonly string[] {
    const choices = this.choicesOf(sent);
    return sent.texts.length > choices.size ? [] : sent.texts.filter((text) => choices.has(text));
  }

  override inputHtml(state: InputState): string {
    return this.groupRole === undefined ? this.#selectHtml(state) : this.#groupHtml(state);
  }

  protected choicesOf({ choices }: { readonly choices: Choices | undefined }): Choices {
    return choices ?? this.#choices;
  }

  /** Type of the inputs of a group. */
  protected abstract readonly inputType: 'radio' | 'checkbox';

  /** Attributes of a select, or of each input of a group. @param isChosen - Whether a select starts with an offered value. */
  protected abstract inputAttributes(isChosen: boolean): Attributes;

  /** The first option of a select, for no value. @param isChosen - Whether it starts with an offered value. */
  protected emptyOption(_state: InputState, _isChosen: boolean): string {
    return '';
  }

  /** Labels of one form are data, such as names of rooms, and not translated. */
  #textOf({ choices, translator }: InputState, label: string): string {
    return choices === undefined ? translator.text(label) : label;
  }

  #selectHtml(state: InputState): string {
    const chosen = new Set(state.texts);
    const choices = this.choicesOf(state);
    const isChosen = state.texts.some((text) => choices.has(text));
    const options = [...choices.entries()].map(([value, label]) =>
      textElement('option', { value, selected: chosen.has(value) }, this.#textOf(state, label)),
    );
    const attributes = this.attributes(state, this.inputAttributes(isChosen));
    return element('select', attributes, `\n${this.emptyOption(state, isChosen)}${options.join('\n')}\n`);
  }

  #groupHtml(state: InputState): string {
    // The fieldset has the description. It also says that radio buttons are invalid, which a single one cannot be.
    const isInvalid = state.isInvalid && this.inputType === 'checkbox';
    const chosen = new Set(state.texts);
    const inputs = [...this.choicesOf(state).entries()].map(([value, label], index) => {
      const id = `${state.id}-${index}`;
      const hasFocus = state.hasFocus && index === 0;
      const own = { type: this.inputType, value, checked: chosen.has(value), ...this.inputAttributes(false) };
      const one = { ...state, id, hasFocus, isInvalid, describedBy: undefined };
      const input = startTag('input', this.attributes(one, own));
      const text = textElement('label', { for: id }, this.#textOf(state, label));
      return element('div', { class: 'field-choice' }, `${input} ${text}`);
    });
    return inputs.join('\n');
  }
}

class ChoiceField<Value, Choice extends string> extends FieldOfChoices<Value, Choice> {
  override readonly kind = 'choice';
  protected override readonly inputType = 'radio';

  override read(sent: SentField): FieldReading {
    const { texts } = sent;
    if (texts.length > 1) return { rule: 'several' };
    const [text = ''] = texts;
    if (text === '' && !this.options.required) return { value: undefined };
    return this.choicesOf(sent).has(text) ? { value: text } : { rule: 'choice' };
  }

  override write(name: string, value: Choice): readonly string[] {
    if (typeof value !== 'string') throw wrongValue(name, 'a string', value);
    return [value];
  }

  protected override inputAttributes(isChosen: boolean): Attributes {
    return { required: this.options.required && !isChosen };
  }

  /** HTML wants this option in a required select only. A select that starts with a value needs neither: nobody can empty it. */
  protected override emptyOption({ texts, translator }: InputState, isChosen: boolean): string {
    if (this.options.required && isChosen) return '';
    const text = this.options.required ? translator.text(pageTexts.choose) : '';
    const lang = text === '' ? undefined : translator.lang;
    return `${textElement('option', { value: '', selected: texts.every((chosen) => chosen === ''), lang }, text)}\n`;
  }
}

class MultipleChoiceField<Value, Choice extends string> extends FieldOfChoices<Value, readonly Choice[]> {
  override readonly kind = 'multiple-choice';
  protected override readonly inputType = 'checkbox';
  readonly #counts: readonly [min: number, max: number];

  constructor(
    options: ResolvedFieldOptions,
    choices: Choices,
    display: string,
    counts: readonly [min: number, max: number],
  ) {
    super(options, choices, display);
    this.#counts = counts;
  }

  override read(sent: SentField): FieldReading {
    const { texts } = sent;
    const choices = this.choicesOf(sent);
    const [min, max] = this.#counts;
    if (texts.length > choices.size || new Set(texts).size < texts.length) return { rule: 'several' };
    if (!texts.every((text) => choices.has(text))) return { rule: 'choice' };
    if (texts.length < min) return { rule: 'tooFew', values: { count: min } };
    return texts.length > max ? { rule: 'tooMany', values: { count: max } } : { value: texts };
  }

  override write(name: string, value: readonly Choice[]): readonly string[] {
    if (Array.isArray(value) && value.every((text) => typeof text === 'string')) return value;
    throw wrongValue(name, 'an array of strings', value);
  }

  protected override inputAttributes(): Attributes {
    return this.groupRole === undefined ? { multiple: true, required: this.options.required } : {};
  }
}
