/**
 * Signed values, which a client can read but not change. The format is Tornado's format 2, byte for byte:
 * `2|L:keyVersion|L:seconds|L:name|L:base64(value)|hex HMAC-SHA256`, where L is the length of the field in bytes.
 * The signature covers everything before it. Format 1 (SHA-1, no separators) is refused.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { GaleError } from '../../errors.ts';

/** One secret, or several by version: a change of the secret then ends no sessions. */
export type CookieSecret = string | Readonly<Record<number, string>>;

/** Options of {@link createSignedValue}. */
export interface SignOptions {
  /** Version of the secret that signs. Required if there are several secrets. @defaultValue 0 */
  readonly keyVersion?: number;
  /** Milliseconds since 1970. @defaultValue now */
  readonly now?: number;
}

/** Options of {@link readSignedValue}. */
export interface VerifyOptions {
  /** Maximum age, in days. @defaultValue 31 */
  readonly maxAgeDays?: number;
  /** Milliseconds since 1970. @defaultValue now */
  readonly now?: number;
}

const dayMs = 86_400_000;

/**
 * Signs `value` under `name`.
 *
 * @throws {@link GaleError} `WEB_SECRET` if there is no secret of the version `keyVersion`.
 */
export function createSignedValue(
  secret: CookieSecret,
  name: string,
  value: string | Uint8Array,
  options: SignOptions = {},
): string {
  const keyVersion = options.keyVersion ?? 0;
  const key = typeof secret === 'string' ? secret : secret[keyVersion];
  if (key === undefined || (typeof secret !== 'string' && options.keyVersion === undefined)) {
    throw new GaleError('WEB_SECRET', `cookieSecret has no key ${options.keyVersion ?? '(keyVersion is not set)'}.`);
  }
  const seconds = Math.floor((options.now ?? Date.now()) / 1000);
  const signed = `2|${[String(keyVersion), String(seconds), name, Buffer.from(value).toString('base64')].map(toField).join('|')}|`;
  return signed + signatureOf(key, signed);
}

/**
 * Reads a signed value.
 *
 * @returns The value; `undefined` if it is forged, too old, signed under another name or in another format.
 */
export function readSignedValue(
  secret: CookieSecret,
  name: string,
  text: string,
  options: VerifyOptions = {},
): Buffer | undefined {
  const fields = splitFields(text);
  if (fields === undefined) return undefined;
  const key = typeof secret === 'string' ? secret : secret[fields.keyVersion];
  if (key === undefined || !isSame(fields.signature, signatureOf(key, fields.signed))) return undefined;
  if (fields.name !== name) return undefined;
  const ageMs = (options.now ?? Date.now()) - fields.seconds * 1000;
  if (ageMs > (options.maxAgeDays ?? 31) * dayMs) return undefined;
  return Buffer.from(fields.value, 'base64');
}

/** Version of the key that `text` claims; the signature is not verified. `undefined` if it is not a signed value. */
export function signingKeyVersion(text: string): number | undefined {
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

function toField(text: string): string {
  return `${Buffer.byteLength(text)}:${text}`;
}

function signatureOf(key: string, signed: string): string {
  return createHmac('sha256', key).update(signed).digest('hex');
}
