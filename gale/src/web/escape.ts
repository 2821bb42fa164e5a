/**
 * Escapes text for HTML, URLs and JSON inside a `<script>`, and the inverse functions.
 */
import { assertString } from '../run/given-options.ts';
import { toJsonText, type JsonRule } from '../run/json-text.ts';
import { decodeUtf8, percentToBytes } from './percent-encoding.ts';

/** Escapes text for HTML text and quoted attributes. */
export function xhtmlEscape(text: string): string {
  assertString('text', text);
  // Most text has nothing to escape, and a search is cheaper than a new string.
  const first = text.search(/[&<>"']/);
  if (first === -1) return text;
  let escaped = text.slice(0, first);
  let from = first;
  for (let index = first; index < text.length; index++) {
    const entity = entities[text.charCodeAt(index)];
    if (entity === undefined) continue;
    escaped += text.slice(from, index) + entity;
    from = index + 1;
  }
  return escaped + text.slice(from);
}

/** Reverses {@link xhtmlEscape}, and decodes numeric references. Other text is unchanged. */
export function xhtmlUnescape(text: string): string {
  assertString('text', text);
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));/g,
    (whole, decimal, hex, name) => {
      if (name !== undefined) return named[name as string] ?? whole;
      const point = hex === undefined ? Number(decimal) : Number.parseInt(hex as string, 16);
      return point === 0 || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)
        ? whole
        : String.fromCodePoint(point);
    },
  );
}

/**
 * Escapes text for a URL.
 *
 * @param plus - True, for a query: a space becomes `+` and a slash `%2F`. False, for a path: a space becomes `%20` and a
 *   slash is unchanged.
 */
export function urlEscape(text: string, plus = true): string {
  assertString('text', text);
  const escaped = encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return plus ? escaped.replaceAll('%20', '+') : escaped.replaceAll('%2F', '/');
}

/**
 * Reverses {@link urlEscape}.
 *
 * @throws If the bytes are not UTF-8.
 */
export function urlUnescape(text: string, plus = true): string {
  assertString('text', text);
  return decodeUtf8(percentToBytes(Buffer.from(plus ? text.replaceAll('+', ' ') : text)));
}

/**
 * Writes JSON for a `<script>` element. Every `<`, which could end the element or start a comment, is escaped.
 *
 * @throws {@link GaleError} `JSON_VALUE` if JSON would lose the value or a part of it: `undefined`, a function, a Map, a promise.
 */
export function jsonEncode(value: unknown): string {
  return toJsonText(value, jsonRule)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

const jsonRule: JsonRule = {
  must: 'value of jsonEncode() must be a value that JSON can represent',
  code: 'JSON_VALUE',
};

/** Replaces each run of spaces and control characters by one space, and trims the ends. */
export function squeeze(text: string): string {
  assertString('text', text);
  // oxlint-disable-next-line no-control-regex -- Matches control characters.
  return text.replace(/[\x00-\x20]+/g, ' ').trim();
}

const entities: Readonly<Record<number, string>> = {
  0x26: '&amp;',
  0x3c: '&lt;',
  0x3e: '&gt;',
  0x22: '&quot;',
  0x27: '&#x27;',
};

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
