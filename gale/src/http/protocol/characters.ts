/**
 * Which bytes each rule of the grammar allows, as tables of 256 flags. One load tells what a chain of comparisons would.
 * RFC 9110 §5.6.2 and §5.5, RFC 9112 §3, RFC 3986 §3.2.2. No other place of http/ names single characters.
 */

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';

/** Bytes of a token: methods, header names, chunk extension names. */
export const isToken: Uint8Array = classOf(`!#$%&'*+-.^_\`|~${digits}${letters}`);

/** Bytes of a header value: visible ones, space, tab and 0x80-0xFF; no other control. */
export const isFieldValue: Uint8Array = classOf('\t', [0x20, 0x7e], [0x80, 0xff]);

/** Bytes of a request target: visible ASCII without `#`, since a fragment is never sent. */
export const isTarget: Uint8Array = classOf('', [0x21, 0x22], [0x24, 0x7e]);

/** Bytes of a registered name or IPv4 address in Host; a comma, though allowed in names, hides a second Host. `%` is left to the slower check. */
export const isHostName: Uint8Array = classOf(`-._~!$&'()*+;=${digits}${letters}`);

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

function classOf(characters: string, ...ranges: readonly (readonly [number, number])[]): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  for (const [first, last] of ranges) table.fill(1, first, last + 1);
  return table;
}
