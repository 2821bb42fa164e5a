/** The checks that an application adds to a field: its schema, then its function. */
import { wrongValue } from '../../run/given-options.ts';
import { inspect } from '../validation/validate.ts';
import type { AnyField } from './field.ts';

/** The output of the schema of a field, or what is wrong. */
export type CheckedValue = { readonly value: unknown } | { readonly messages: readonly string[] };

/**
 * Checks a value that the field itself accepts.
 *
 * @throws {@link GaleError} `WEB_SCHEMA` for a schema that fails, `OPTION_VALUE` for a check that returns anything but a message.
 */
export async function checkValue(name: string, field: AnyField, value: unknown): Promise<CheckedValue> {
  if (value === undefined) return { value };
  const { schema, check } = field.options;
  let output: unknown = value;
  if (schema !== undefined) {
    const result = await inspect(`field ${name}`, schema, value);
    if (result.issues !== undefined) return { messages: result.issues.map(({ message }) => message) };
    output = result.value;
  }
  const problem: unknown = await check?.(output as never);
  if (problem === undefined) return { value: output };
  if (typeof problem === 'string' && problem !== '') return { messages: [problem] };
  throw wrongValue(`Result of check of the field ${name}`, 'a message or undefined', problem);
}
