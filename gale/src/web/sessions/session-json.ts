/** Values of sessions as JSON texts. */
import { toJsonText } from '../../run/json-text.ts';
import { showText } from '../../run/shown-text.ts';

/**
 * Writes a value as JSON.
 *
 * @throws {@link GaleError} `JSON_VALUE` for a value that JSON does not keep.
 */
export function toSessionText(key: string, value: unknown): string {
  return toJsonText(value, {
    must: `The value of ${showText(key)} in a session must be a JSON value`,
    code: 'JSON_VALUE',
  });
}

/** Reads a value. Objects and arrays are frozen: changing one would not change the session, so it throws. */
export function readSessionText(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) return value;
  // Without recursion: a value can be nested as deep as it has bytes.
  const objects: object[] = [value];
  for (let object = objects.pop(); object !== undefined; object = objects.pop()) {
    Object.freeze(object);
    for (const child of Object.values(object) as unknown[]) {
      if (typeof child === 'object' && child !== null) objects.push(child);
    }
  }
  return value;
}
