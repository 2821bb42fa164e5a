/**
 * The names that every template has: globals of JavaScript for values, and the escape functions. Names of the loader and of
 * the caller take precedence. This list is not a sandbox.
 */
import { jsonEncode, squeeze, urlEscape, xhtmlEscape } from '../escape.ts';
import { linkify } from '../links/linkify.ts';

/** Has no prototype, so `constructor` is not a name. */
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
  linkify,
  squeeze,
  urlEscape,
  xhtmlEscape,
});
