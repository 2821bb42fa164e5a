/**
 * Lists in the headers of the handshake: tokens, and extensions with their parameters.
 * RFC 9110 §5.6 (tokens, lists, quoted strings), RFC 6455 §9.1 (extensions).
 */

import { isTokenText, trimWhitespace } from '../../http/protocol/characters.ts';

/** One extension in Sec-WebSocket-Extensions. */
export interface ExtensionOffer {
  /** Name as sent. */
  readonly name: string;
  /** Parameters in order, with repeated ones. The value is `undefined` for a parameter without one. */
  readonly parameters: readonly (readonly [name: string, value: string | undefined])[];
}

/** Reads a list of tokens and skips empty elements. `undefined` if it is malformed. */
export function readTokens(value: string): string[] | undefined {
  const tokens = value.split(',').map(trimWhitespace).filter(isGiven);
  return tokens.every(isTokenText) ? tokens : undefined;
}

/** Reads Sec-WebSocket-Extensions and skips empty elements. `undefined` if it is malformed. */
export function readExtensions(value: string): ExtensionOffer[] | undefined {
  const offers: ExtensionOffer[] = [];
  for (const text of splitOutsideQuotes(value, ',').map(trimWhitespace).filter(isGiven)) {
    const offer = readExtension(text);
    if (offer === undefined) return undefined;
    offers.push(offer);
  }
  return offers;
}

function readExtension(text: string): ExtensionOffer | undefined {
  const [name = '', ...rest] = splitOutsideQuotes(text, ';').map(trimWhitespace);
  if (!isTokenText(name)) return undefined;
  const parameters: [string, string | undefined][] = [];
  for (const part of rest) {
    const equals = part.indexOf('=');
    const parameter = trimWhitespace(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? undefined : unquote(trimWhitespace(part.slice(equals + 1)));
    // RFC 6455 §9.1: a quoted value must be a token without its quotes.
    if (!isTokenText(parameter) || (value !== undefined && !isTokenText(value))) return undefined;
    parameters.push([parameter, value]);
  }
  return { name, parameters };
}

/** Removes quotes. Returns `''`, which is not a token, if they do not match. */
function unquote(text: string): string {
  if (!text.startsWith('"')) return text;
  if (text.length < 2 || !text.endsWith('"')) return '';
  return text.slice(1, -1).replace(/\\(.)/g, '$1');
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let quoted = false;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '\\' && quoted) i++;
    else if (character === '"') quoted = !quoted;
    else if (character === separator && !quoted) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function isGiven(text: string): boolean {
  return text !== '';
}
