/** Values in texts: `{name}`, and `%(name)s` and `%(name)d` as in Python. No I/O. */

/** Values by name. */
export type TextValues = Readonly<Record<string, string | number | bigint>>;

/**
 * Puts values into a text. A name without a value stays as it is written; values are not searched for names.
 *
 * @param format - Formats the number of a `{name}`. `%(name)d` has plain digits, as in Python.
 */
export function insertValues(text: string, values: TextValues, format: (value: number | bigint) => string): string {
  if (!/[{%]/.test(text)) return text;
  // Only a text of Python has doubled percent signs.
  const isPython = text.includes('%(');
  return text.replaceAll(/\{(\w+)\}|%\((\w+)\)[sd]|%%/g, (whole, name: string | undefined, pythonName: string) => {
    if (whole === '%%') return isPython ? '%' : whole;
    const key = name ?? pythonName;
    if (!Object.hasOwn(values, key)) return whole;
    const value = values[key] ?? '';
    return name !== undefined && typeof value !== 'string' ? format(value) : String(value);
  });
}
