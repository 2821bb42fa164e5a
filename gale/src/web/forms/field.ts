/**
 * A field as a form declares it: how its value is read, written and rendered. It is created once and keeps nothing of a request;
 * what was typed is in the {@link Form}.
 */
import type { UploadedFile } from '../multipart/uploaded-file.ts';
import type { Attributes } from './attributes.ts';
import type { Choices } from './choices.ts';
import type { ResolvedFieldOptions } from './field-options.ts';
import type { FormRule } from './form-texts.ts';
import type { FormTranslator, MessageValues } from './form-translator.ts';

/** What a client sent for one field. */
export interface SentField {
  /** The values in the order of the request, not trimmed. */
  readonly texts: readonly string[];
  readonly files: readonly UploadedFile[];
  /** Choices of this form only. */
  readonly choices: Choices | undefined;
}

/** The value of a field, `undefined` for an empty one, or the rule that it breaks. */
export type FieldReading = { readonly value: unknown } | BrokenRule;

/** What is wrong with a value. */
export interface BrokenRule {
  readonly rule: FormRule;
  readonly values?: MessageValues;
}

/** What an input is rendered from. */
export interface InputState {
  readonly id: string;
  readonly name: string;
  /** What was typed, or the value that was filled in, as texts. */
  readonly texts: readonly string[];
  /** Ids of the hint and the error. */
  readonly describedBy: string | undefined;
  readonly isInvalid: boolean;
  readonly hasFocus: boolean;
  /** Choices of this form only. */
  readonly choices: Choices | undefined;
  readonly translator: FormTranslator;
}

/**
 * One field of a form. Functions such as `textField` create it.
 *
 * @typeParam Value - Type of its value after validation.
 * @typeParam Input - Type of the value that fills it in.
 */
export abstract class Field<Value = unknown, Input = Value> {
  /** Only for the compiler: the type of the value. */
  declare readonly valueType: Value;
  /** Only for the compiler: the type of the value that fills it in. */
  declare readonly filledBy: (value: Input) => void;
  /** Options with every default. @internal */
  readonly options: ResolvedFieldOptions;
  /** The kind, for style sheets: `text`, `choice`. @internal */
  abstract readonly kind: string;

  /** @internal */
  constructor(options: ResolvedFieldOptions) {
    this.options = options;
  }

  /** Role of the fieldset around several inputs; `undefined` for a single input. @internal */
  get groupRole(): 'group' | 'radiogroup' | undefined {
    return undefined;
  }

  /** Whether the label is after the input. @internal */
  get isLabelLast(): boolean {
    return false;
  }

  /** Whether files arrive, so that the form must be multipart. @internal */
  get hasFiles(): boolean {
    return false;
  }

  /** The value that a client sent. @internal */
  abstract read(sent: SentField): FieldReading;

  /** The texts that a client would send for a value. @throws {@link GaleError} `OPTION_VALUE` if the value has another type. @internal */
  abstract write(name: string, value: Input): readonly string[];

  /** What the page shows again of the texts that a client sent. It is bounded. @internal */
  abstract keep(sent: SentField): readonly string[];

  /** Writes the input. @internal */
  abstract inputHtml(state: InputState): string;

  /** The id of the first input. @internal */
  inputId(id: string): string {
    return this.groupRole === undefined ? id : `${id}-0`;
  }

  /** Attributes of every input. `own` are those of the kind. @internal */
  protected attributes(state: InputState, own: Attributes): Attributes {
    const { options } = this;
    return {
      id: state.id,
      name: state.name,
      ...own,
      ...options.attributes,
      autocomplete: options.autocomplete,
      'aria-invalid': state.isInvalid ? 'true' : undefined,
      'aria-describedby': state.describedBy,
      autofocus: state.hasFocus,
    };
  }
}

/** Any field. */
export type AnyField = Field<unknown, never>;
