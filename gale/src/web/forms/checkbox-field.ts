/** A single box to check: `checkboxField`. */
import { wrongValue } from '../../run/given-options.ts';
import { startTag } from './attributes.ts';
import { Field, type FieldReading, type InputState, type SentField } from './field.ts';
import {
  resolveFieldOptions,
  type AnySchema,
  type CheckOptions,
  type FieldOptions,
  type Output,
} from './field-options.ts';

/**
 * A box to check. Its value is whether it is checked. With `required: true` it must be checked, as for conditions of use; other boxes
 * are not required.
 */
export function checkboxField<const Required extends boolean = false, Schema extends AnySchema = undefined>(
  options: FieldOptions & CheckOptions<boolean, Required, Schema>,
): Field<Output<Required extends true ? true : boolean, Schema>, boolean> {
  return new CheckboxField(resolveFieldOptions('checkboxField', options, [], { required: false }));
}

/** What browsers send for a checked box without a value. */
const checkedText = 'on';

class CheckboxField<Value> extends Field<Value, boolean> {
  override readonly kind = 'checkbox';

  override get isLabelLast(): boolean {
    return true;
  }

  override read({ texts }: SentField): FieldReading {
    if (texts.length > 1) return { rule: 'several' };
    const [text] = texts;
    if (text !== undefined && text !== checkedText) return { rule: 'choice' };
    const value = text === checkedText;
    return this.options.required && !value ? { rule: 'checked' } : { value };
  }

  override write(name: string, value: boolean): readonly string[] {
    if (typeof value !== 'boolean') throw wrongValue(name, 'true or false', value);
    return value ? [checkedText] : [];
  }

  override keep({ texts }: SentField): readonly string[] {
    return texts.includes(checkedText) ? [checkedText] : [];
  }

  override inputHtml(state: InputState): string {
    const checked = state.texts.includes(checkedText);
    const own = { type: 'checkbox', value: checkedText, checked, required: this.options.required };
    return startTag('input', this.attributes(state, own));
  }
}
