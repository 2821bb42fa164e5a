/** The field Accept-Language: which languages a reader wants (RFC 9110 §12.5.4). No I/O. */
import { maxTagCharacters } from './language-tag.ts';

/** Characters that are read. Browsers send fewer than 200. */
const maxFieldCharacters = 1_000;
/** Languages that are used, those that the reader prefers. Browsers send fewer than 10. */
const maxLanguages = 20;

/** A range and its weight, from 0 to 1 with at most three decimal places (RFC 9110 §12.4.2). */
const member = /^[\t ]*([a-z]{1,8}(?:-[a-z\d]{1,8})*)(?:[\t ]*;[\t ]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?[\t ]*$/i;

/**
 * Reads the field. Members that are malformed or have the weight 0 are ignored, and `*`, which any language satisfies.
 *
 * @param field - The value; several fields joined with commas.
 * @returns Ranges, the preferred first; of one weight in the order of the field.
 */
export function readAcceptLanguage(field: string): string[] {
  const members = field.slice(0, maxFieldCharacters).split(',');
  // The last one may be cut, and would have another weight.
  if (field.length > maxFieldCharacters) members.pop();
  const ranges: { readonly range: string; readonly weight: number }[] = [];
  for (const text of members) {
    const [, range, weight = '1'] = member.exec(text) ?? [];
    if (range === undefined || range.length > maxTagCharacters || Number(weight) === 0) continue;
    ranges.push({ range, weight: Number(weight) });
  }
  return ranges
    .toSorted((left, right) => right.weight - left.weight)
    .slice(0, maxLanguages)
    .map(({ range }) => range);
}
