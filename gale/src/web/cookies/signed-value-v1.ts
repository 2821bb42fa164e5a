/**
 * Signed values of Tornado's format 1, which Tornado wrote before 2014: `base64(value)|seconds|hex HMAC-SHA1`. They are only read, and only on
 * demand. The signature covers name, value and time without separators, so the same characters can be signed with another
 * border between them.
 */
import { createHmac } from 'node:crypto';

/** What a value of format 1 says; its signature is not verified. */
export interface Version1Fields {
  /** Base64. */
  readonly value: string;
  readonly seconds: number;
  readonly signature: string;
}

/**
 * Splits a value of format 1. Its time must have ten digits and its value whole groups of base64. Without these rules, characters of the value
 * could move to the time, and back.
 *
 * @returns `undefined` for anything else.
 */
export function splitVersion1(text: string): Version1Fields | undefined {
  const [value = '', seconds = '', signature = '', ...rest] = text.split('|', 4);
  if (rest.length > 0 || value.length % 4 !== 0 || !/^[1-9]\d{9}$/.test(seconds)) return undefined;
  // A number of up to three digits would be the version of another format; such a value never has whole groups.
  if (!/^[A-Za-z\d+/]*={0,2}$/.test(value) || !/^[\da-f]{40}$/.test(signature)) return undefined;
  return { value, seconds: Number(seconds), signature };
}

/** The signature that a value of format 1 must have. */
export function signVersion1(key: string, name: string, { value, seconds }: Version1Fields): string {
  return createHmac('sha1', key).update(`${name}${value}${seconds}`).digest('hex');
}
