/** One field of one form, as the page shows it: its label, hint, error and input, and all of them together. */
import { element, textElement } from './attributes.ts';
import type { AnyField, InputState } from './field.ts';
import { pageTexts } from './form-texts.ts';
import type { FormTranslator } from './form-translator.ts';

/** What a view is made of. @internal */
export interface FieldViewState extends Pick<InputState, 'id' | 'name' | 'texts' | 'hasFocus' | 'choices'> {
  readonly errors: readonly string[];
  /** Id of the summary of errors, if it is about this field. */
  readonly summaryId: string | undefined;
  /** Language of the errors, if it may be another than that of the page. */
  readonly lang: string | undefined;
  readonly translator: FormTranslator;
}

/** All texts are translated; methods that end with `Html` return HTML in which they are escaped. */
export class FieldView {
  readonly #field: AnyField;
  readonly #state: FieldViewState;

  /** Created by `form.field(name)` only. @internal */
  constructor(field: AnyField, state: FieldViewState) {
    this.#field = field;
    this.#state = state;
  }

  /** Id of the input, or of the fieldset. */
  get id(): string {
    return this.#state.id;
  }

  get name(): string {
    return this.#state.name;
  }

  get label(): string {
    return this.#state.translator.text(this.#field.options.label);
  }

  /** Empty without one. */
  get hint(): string {
    const { hint } = this.#field.options;
    return hint === undefined ? '' : this.#state.translator.text(hint);
  }

  /** What is wrong; empty if nothing is. */
  get error(): string {
    return this.#state.errors.join(' ');
  }

  /** What was typed or filled in; empty for passwords and files. */
  get text(): string {
    return this.#state.texts[0] ?? '';
  }

  /** The whole field: a `<div class="field">`, or a `<fieldset class="field">` for several inputs. */
  html(): string {
    const field = this.#field;
    if (field.kind === 'hidden') return this.inputHtml();
    const attributes = { class: `field field--${field.kind}${this.error === '' ? '' : ' field--invalid'}` };
    const notes = [this.hintHtml(), this.errorHtml()];
    if (field.groupRole !== undefined) return this.#groupHtml(attributes.class, notes);
    const main = field.isLabelLast
      ? [`${this.inputHtml()} ${this.labelHtml()}`, ...notes]
      : [this.labelHtml(), ...notes, this.inputHtml()];
    return element('div', attributes, `\n${joinLines(main)}\n`);
  }

  /** The `<label>`, or the `<legend>` of several inputs. Fields that need no value say so. */
  labelHtml(): string {
    const { translator } = this.#state;
    const { required } = this.#field.options;
    const isMarked = !required && !unmarkedKinds.includes(this.#field.kind);
    const optional = isMarked
      ? ` ${textElement('span', { class: 'field-optional', lang: translator.lang }, translator.text(pageTexts.optional))}`
      : '';
    const isGroup = this.#field.groupRole !== undefined;
    const text = textElement('span', {}, this.label);
    return element(isGroup ? 'legend' : 'label', isGroup ? {} : { for: this.id }, `${text}${optional}`);
  }

  /** Empty without a hint. */
  hintHtml(): string {
    return this.hint === '' ? '' : textElement('p', { class: 'field-hint', id: this.#hintId }, this.hint);
  }

  /** Empty without an error. */
  errorHtml(): string {
    return this.error === ''
      ? ''
      : textElement('p', { class: 'field-error', id: this.#errorId, lang: this.#state.lang }, this.error);
  }

  /** The input alone. It refers to the hint and the error, so write these too. */
  inputHtml(): string {
    const { errors, summaryId: _, lang: __, ...state } = this.#state;
    return this.#field.inputHtml({ ...state, isInvalid: errors.length > 0, describedBy: this.#describedBy });
  }

  #groupHtml(className: string, notes: readonly string[]): string {
    const isRadio = this.#field.groupRole === 'radiogroup';
    const attributes = {
      class: className,
      id: this.id,
      role: isRadio ? 'radiogroup' : undefined,
      'aria-required': isRadio && this.#field.options.required ? 'true' : undefined,
      'aria-invalid': isRadio && this.error !== '' ? 'true' : undefined,
      'aria-describedby': this.#describedBy,
    };
    return element('fieldset', attributes, `\n${joinLines([this.labelHtml(), ...notes, this.inputHtml()])}\n`);
  }

  get #hintId(): string {
    return `${this.id}-hint`;
  }

  get #errorId(): string {
    return `${this.id}-error`;
  }

  get #describedBy(): string | undefined {
    const { summaryId = '' } = this.#state;
    const ids = [summaryId, this.error === '' ? '' : this.#errorId, this.hint === '' ? '' : this.#hintId];
    return ids.filter((id) => id !== '').join(' ') || undefined;
  }
}

/** Nothing checked is a value too, and hidden fields have no label. */
const unmarkedKinds: readonly string[] = ['checkbox', 'multiple-choice', 'hidden'];

function joinLines(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n');
}
