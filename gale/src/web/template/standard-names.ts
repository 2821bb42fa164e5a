/**
 * The names that every template has without being passed them: what JavaScript offers for values, and the escapes.
 * A name of the loader or of the caller wins over one of these. The list keeps templates readable; it is no sandbox.
 */
import { jsonEncode, squeeze, urlEscape, xhtmlEscape } from '../escape.ts';

/** Read by name; has no prototype, so `constructor` is not a name. */
export const standardNames: Readonly<Record<string, unknown>> = Object.freeze({
  __proto__: null,
  Array,
  BigInt,
  Boolean,
  Date,
  Error,
  Intl,
  JSON,
  Map,
  Math,
  Number,
  Object,
  RegExp,
  Set,
  String,
  URL,
  URLSearchParams,
  decodeURIComponent,
  encodeURI,
  encodeURIComponent,
  isFinite: globalThis.isFinite,
  isNaN: globalThis.isNaN,
  parseFloat: globalThis.parseFloat,
  parseInt: globalThis.parseInt,
  // Tornado's
  escape: xhtmlEscape,
  jsonEncode,
  squeeze,
  urlEscape,
  xhtmlEscape,
});
