/**
 * The syntax of an e-mail address: that of HTML's `<input type=email>`, with the letters of all languages (RFC 6531), and a domain
 * of at least two labels. Whether the address exists only a message to it can show.
 */

/** No quantifier is inside of another one, so the time is linear. */
const local = /^[\p{L}\p{M}\p{N}.!#$%&'*+/=?^_`{|}~-]+$/u;
const label = /^[\p{L}\p{M}\p{N}-]+$/u;

/** @param text - At most 254 characters. */
export function isEmailAddress(text: string): boolean {
  const at = text.indexOf('@');
  // 64 octets, RFC 5321 §4.5.3.1.1.
  if (at < 1 || at > 64 || !local.test(text.slice(0, at))) return false;
  const labels = text.slice(at + 1).split('.');
  return labels.length > 1 && labels.every(isLabel);
}

function isLabel(text: string): boolean {
  return text.length <= 63 && label.test(text) && !text.startsWith('-') && !text.endsWith('-');
}
