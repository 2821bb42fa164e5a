/**
 * The character rules of HTTP. For bytes there are tables of 256 flags, where one load replaces a chain of comparisons; for text there are
 * functions. All layers above use these rules. RFC 9110 §5.6.2, §5.6.3 and §5.5, RFC 9112 §3, RFC 3986 §3.2.2.
 */

// Anchored at both ends, one class: these run in linear time.
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// oxlint-disable-next-line no-control-regex
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Bytes of a token: methods, header names, chunk extension names. */
export const isToken: Uint8Array = tableOf(token);

/** Bytes of a header value: visible characters, space, tab and 0x80-0xFF; no other control character. */
export const isFieldValue: Uint8Array = tableOf(fieldValue);

/** Bytes of a request target: visible ASCII without `#`, since clients never send a fragment. */
export const isTarget: Uint8Array = tableOf(/[!"$-~]/);

/**
 * Bytes of a registered name or IPv4 address in Host. A comma is excluded, although names may contain it: it can hide a second Host. `%` is
 * left to the slower check.
 */
export const isHostName: Uint8Array = tableOf(/[-._~!$&'()*+;=0-9A-Za-z]/);

/** Value of each hexadecimal digit, 255 for other bytes. */
export const hexValue: Uint8Array = new Uint8Array(256).fill(255);
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16);
  hexValue[digit.charCodeAt(0)] = value;
  hexValue[digit.toUpperCase().charCodeAt(0)] = value;
}

/** Horizontal tab. */
export const TAB = 0x09;
/** Line feed, the second half of a line end. */
export const LF = 0x0a;
/** Carriage return, the first half of a line end. */
export const CR = 0x0d;
/** Space. */
export const SPACE = 0x20;
/** `:` between a header's name and value. */
export const COLON = 0x3a;

/** Whether the text is a token: one or more characters of {@link isToken}. */
export function isTokenText(text: string): boolean {
  return token.test(text);
}

/** Whether the text can be a header value: each character is a byte of {@link isFieldValue}. An empty text is valid. */
export function isFieldValueText(text: string): boolean {
  return fieldValue.test(text);
}

/** Whether a character or byte is optional whitespace (OWS): space or tab, nothing else. */
export function isWhitespace(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** The text without leading and trailing whitespace. Linear, unlike a regular expression on text with much whitespace inside. */
export function trimWhitespace(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isWhitespace(text.charCodeAt(from))) from++;
  while (to > from && isWhitespace(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

/** A table of 256 flags: which single characters match. */
function tableOf(pattern: RegExp): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => (pattern.test(String.fromCharCode(code)) ? 1 : 0));
}
