/** The tokens of the attribute `autocomplete` (HTML, section "Autofill"). A misspelt one would do nothing. */
import { wrongValue } from '../../run/given-options.ts';

const tokens =
  'on off name honorific-prefix given-name additional-name family-name honorific-suffix nickname username new-password ' +
  'current-password one-time-code organization-title organization street-address address-line1 address-line2 address-line3 ' +
  'address-level4 address-level3 address-level2 address-level1 country country-name postal-code cc-name cc-given-name ' +
  'cc-additional-name cc-family-name cc-number cc-exp cc-exp-month cc-exp-year cc-csc cc-type transaction-currency ' +
  'transaction-amount language bday bday-day bday-month bday-year sex url photo tel tel-country-code tel-national tel-area-code ' +
  'tel-local tel-local-prefix tel-local-suffix tel-extension email impp';
const known: ReadonlySet<string> = new Set(tokens.split(' '));
/** May be before the token. */
const leading = /^(?:section-[\w-]+|shipping|billing|home|work|mobile|fax|pager)$/;

/** @throws {@link GaleError} `OPTION_VALUE` for a text that browsers ignore. */
export function assertAutocomplete(name: string, value: unknown): void {
  if (value === undefined) return;
  if (typeof value === 'string' && value.length <= 100 && isKnown(value)) return;
  throw wrongValue(name, 'a token of HTML such as "username", "new-password" or "email"', value);
}

function isKnown(value: string): boolean {
  const words = value.split(' ');
  if (words.length > 1 && words.at(-1) === 'webauthn') words.pop();
  const token = words.pop();
  return token !== undefined && known.has(token) && words.every((word) => leading.test(word));
}
