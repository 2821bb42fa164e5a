/**
 * Signed values, which a client can read but not change. The format is Tornado's format 2, byte for byte:
 * `2|L:keyVersion|L:seconds|L:name|L:base64(value)|hex HMAC-SHA256`, where L is the length of the field in bytes.
 * The signature covers everything before it. Format 1 (SHA-1, no separators) is read with `minVersion: 1` only.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { GaleError } from '../../errors.ts';
import {
  assertFilledString,
  assertInteger,
  assertNames,
  assertNumber,
  assertString,
  wrongValue,
} from '../../run/given-options.ts';
import { viewBytes } from '../../run/view-bytes.ts';
import { signVersion1, splitVersion1 } from './signed-value-v1.ts';

/** One secret, or several by version: a change of the secret then ends no sessions. */
export type CookieSecret = string | Readonly<Record<number, string>>;

/** Options of {@link createSignedValue}. */
export interface SignOptions {
  /** Version of the secret that signs, from 0 to 999 999 999. Required if there are several secrets. @defaultValue 0 */
  readonly keyVersion?: number;
  /** Milliseconds since 1970. @defaultValue now */
  readonly now?: number;
}

/** Options of {@link readSignedValue}. */
export interface VerifyOptions {
  /** Maximum age, in days, from 0 to 36 500; may be a fraction. @defaultValue 31 */
  readonly maxAgeDays?: number;
  /**
   * The oldest format that is accepted. 1 also reads what Tornado wrote before 2014, with SHA-1 and an ambiguous signature; for a migration
   * only. Nothing is written in format 1. @defaultValue 2
   */
  readonly minVersion?: 1 | 2;
  /** Milliseconds since 1970. @defaultValue now */
  readonly now?: number;
}

/** Makes a good secret: 256 random bits as text. */
export const secretCommand: string =
  "node -e \"console.log(require('node:crypto').randomBytes(32).toString('base64url'))\"";

const dayMs = 86_400_000;
/** The format has nine digits for the version. */
export const maxKeyVersion: number = 999_999_999;
/** 100 years. A cookie of any age is never meant. */
const maxMaxAgeDays = 36_500;
/** How far in the future the time of format 1 may be, as in Tornado. */
const maxAheadMs = 31 * dayMs;

/**
 * Signs `value` under `name`.
 *
 * @throws {@link GaleError} `WEB_SECRET` if the secret is empty, or has no version `keyVersion`; `OPTION_VALUE` or
 *   `OPTION_UNKNOWN` for a wrong argument.
 */
export function createSignedValue(
  secret: CookieSecret,
  name: string,
  value: string | Uint8Array,
  options: SignOptions = {},
): string {
  assertNames('signed value', options, ['keyVersion', 'now']);
  const { keyVersion = 0, now = Date.now() } = options;
  assertInteger('keyVersion', keyVersion, 0, maxKeyVersion);
  assertNumber('now', now, 0, maxTimeMs);
  assertFilledString('name', name);
  if (typeof secret === 'string' && keyVersion !== 0) {
    throw new GaleError(
      'WEB_SECRET',
      `cookieSecret has no versions, so keyVersion must be omitted; got ${keyVersion}. Pass an object with secrets by version.`,
    );
  }
  const key = keyOf(secret, keyVersion);
  if (key === undefined || (typeof secret !== 'string' && options.keyVersion === undefined)) {
    throw new GaleError('WEB_SECRET', `cookieSecret has no key ${options.keyVersion ?? '(keyVersion is not set)'}.`);
  }
  const seconds = Math.floor(now / 1000);
  const base64 = Buffer.from(bytesOf(value)).toString('base64');
  const signed = `2|${[String(keyVersion), String(seconds), name, base64].map(toField).join('|')}|`;
  return signed + signatureOf(key, signed);
}

/**
 * Reads a signed value.
 *
 * @returns The value; `undefined` if it is forged, too old, signed under another name or in another format.
 * @throws {@link GaleError} `WEB_SECRET` if the secret is empty, or if there are several and `minVersion` is 1; `OPTION_VALUE` or `OPTION_UNKNOWN` for a wrong argument.
 */
export function readSignedValue(
  secret: CookieSecret,
  name: string,
  text: string,
  options: VerifyOptions = {},
): Buffer | undefined {
  checkVerifyOptions(options);
  assertFilledString('name', name);
  assertString('text', text);
  const { maxAgeDays = 31, minVersion, now = Date.now() } = options;
  if (minVersion === 1) {
    if (typeof secret !== 'string') throw severalSecrets();
    const old = splitVersion1(text);
    if (old !== undefined) {
      const isGenuine = isSame(old.signature, signVersion1(checkedKey(secret), name, old));
      const ageMs = now - old.seconds * 1000;
      return isGenuine && ageMs <= maxAgeDays * dayMs && ageMs >= -maxAheadMs
        ? Buffer.from(old.value, 'base64')
        : undefined;
    }
  }
  const fields = splitFields(text);
  const key = keyOf(secret, fields?.keyVersion ?? 0);
  if (fields === undefined || key === undefined || !isSame(fields.signature, signatureOf(key, fields.signed))) {
    return undefined;
  }
  if (fields.name !== name || now - fields.seconds * 1000 > maxAgeDays * dayMs) return undefined;
  return Buffer.from(fields.value, 'base64');
}

function checkVerifyOptions(options: VerifyOptions): void {
  assertNames('signed value', options, ['maxAgeDays', 'minVersion', 'now']);
  const { maxAgeDays, minVersion, now } = options;
  if (maxAgeDays !== undefined) assertNumber('maxAgeDays', maxAgeDays, 0, maxMaxAgeDays);
  if (minVersion !== undefined) assertInteger('minVersion', minVersion, 1, 2);
  if (now !== undefined) assertNumber('now', now, 0, maxTimeMs);
}

/**
 * Version of the key that `text` claims; the signature is not verified. `undefined` if it is not a signed value.
 *
 * @throws {@link GaleError} `OPTION_VALUE` if `text` is not a string.
 */
export function signingKeyVersion(text: string): number | undefined {
  assertString('text', text);
  return splitFields(text)?.keyVersion;
}

/** Compares two texts in constant time. */
export function isSame(left: string | Uint8Array, right: string | Uint8Array): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}

interface Fields {
  /** What the signature covers. */
  readonly signed: string;
  readonly keyVersion: number;
  readonly seconds: number;
  readonly name: string;
  /** Base64. */
  readonly value: string;
  readonly signature: string;
}

/** Splits the fields; no field is verified. */
function splitFields(text: string): Fields | undefined {
  if (!text.startsWith('2|')) return undefined;
  const bytes = Buffer.from(text);
  const fields: string[] = [];
  let at = 2;
  while (fields.length < 4) {
    const colon = bytes.indexOf(':', at);
    const length = colon === -1 ? '' : bytes.toString('latin1', at, colon);
    if (!/^\d{1,9}$/.test(length)) return undefined;
    const end = colon + 1 + Number(length);
    if (bytes[end] !== 0x7c) return undefined;
    fields.push(bytes.toString('utf8', colon + 1, end));
    at = end + 1;
  }
  const [keyVersion = '', seconds = '', name = '', value = ''] = fields;
  if (!/^\d{1,9}$/.test(keyVersion) || !/^\d{1,15}$/.test(seconds)) return undefined;
  const signed = bytes.toString('utf8', 0, at);
  return {
    signed,
    keyVersion: Number(keyVersion),
    seconds: Number(seconds),
    name,
    value,
    signature: bytes.toString('utf8', at),
  };
}

/** Latest time of a Date, in milliseconds since 1970. */
const maxTimeMs = 8.64e15;

/** The secret of a version; `undefined` if there is none. */
function keyOf(secret: CookieSecret, version: number): string | undefined {
  const isText = typeof secret === 'string';
  if (!isText && (typeof secret !== 'object' || (secret as unknown) === null))
    throw wrongSecret('a string or an object');
  const key: unknown = isText ? secret : secret[version];
  return key === undefined ? undefined : checkedKey(key);
}

function checkedKey(key: unknown): string {
  if (typeof key !== 'string' || key === '') throw wrongSecret('a string that is not empty');
  return key;
}

/** Thrown also for values of format 2, so that it does not depend on what a client sends. */
function severalSecrets(): GaleError {
  return new GaleError(
    'WEB_SECRET',
    'minVersion 1 needs one cookieSecret as a string, because a value of format 1 does not name its secret. Pass the former secret to readSignedValue.',
  );
}

/** Never with the value. */
function wrongSecret(wanted: string): GaleError {
  return new GaleError('WEB_SECRET', `cookieSecret must be ${wanted}. Make one with ${secretCommand}`);
}

function bytesOf(value: string | Uint8Array): string | Uint8Array {
  if (typeof value === 'string') return value;
  const bytes = typeof value === 'object' && value !== null ? viewBytes(value, 'OPTION_VALUE') : undefined;
  if (bytes === undefined) throw wrongValue('value', 'a string or bytes', value);
  return bytes;
}

function toField(text: string): string {
  return `${Buffer.byteLength(text)}:${text}`;
}

function signatureOf(key: string, signed: string): string {
  return createHmac('sha256', key).update(signed).digest('hex');
}
