/**
 * Checks the settings `cookieSecret` and `keyVersion` when an application is created. No message and no log line contains a secret.
 */
import { GaleError } from '../../errors.ts';
import { showValue, wrongValue } from '../../run/given-options.ts';
import type { Logger } from '../../run/log.ts';
import { secretCommand, type CookieSecret } from './signed-value.ts';

/** Attackers can guess a short secret from one signed cookie. */
const minSecretBytes = 32;

/** @throws {@link GaleError} `OPTION_VALUE`. */
export function assertCookieSecret(name: string, value: unknown): void {
  const wanted = 'a string that is not empty, or an object with such strings by version, which is an integer from 0';
  const isVersioned = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isVersioned) {
    if (!isSecret(value)) throw refusal(name, wanted, describe(value));
    return;
  }
  const entries = Object.entries(value);
  if (entries.length === 0) throw refusal(name, wanted, 'an object without versions');
  for (const [version, secret] of entries) {
    if (!/^(?:0|[1-9]\d{0,8})$/.test(version)) {
      throw refusal(name, wanted, `the version ${JSON.stringify(version.slice(0, 20))}`);
    }
    if (!isSecret(secret)) throw refusal(name, wanted, `${describe(secret)} as version ${version}`);
  }
}

/** @throws {@link GaleError} `OPTION_VALUE` if `keyVersion` is not the version of a secret. */
export function assertKeyVersion(cookieSecret: CookieSecret | undefined, keyVersion: number | undefined): void {
  if (cookieSecret === undefined && keyVersion !== undefined) {
    throw wrongValue('keyVersion', 'omitted without the setting cookieSecret', keyVersion);
  }
  if (typeof cookieSecret === 'string' && keyVersion !== undefined && keyVersion !== 0) {
    throw wrongValue('keyVersion', 'omitted for a cookieSecret without versions', keyVersion);
  }
  if (typeof cookieSecret !== 'object') return;
  if (keyVersion !== undefined && Object.hasOwn(cookieSecret, keyVersion)) return;
  const versions = Object.keys(cookieSecret).join(', ');
  throw wrongValue('keyVersion', `the version of a secret in cookieSecret (${versions}), which signs`, keyVersion);
}

/** Logs one warning if a secret is under 32 bytes. */
export function warnOfShortSecrets(cookieSecret: CookieSecret, log: Logger): void {
  const secrets = typeof cookieSecret === 'string' ? [cookieSecret] : Object.values(cookieSecret);
  const bytes = Math.min(...secrets.map((secret) => Buffer.byteLength(secret)));
  if (bytes >= minSecretBytes) return;
  log.warn(
    { bytes, minBytes: minSecretBytes, command: secretCommand },
    'A secret in cookieSecret is too short; make a random one with the command',
  );
}

function isSecret(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

/** What a wrong secret is; a string can only be wrong because it is empty. A number may be a secret too. */
function describe(value: unknown): string {
  if (value === '') return 'an empty string';
  return typeof value === 'number' || typeof value === 'bigint' ? `a ${typeof value}` : showValue(value);
}

function refusal(name: string, wanted: string, found: string): GaleError {
  return new GaleError('OPTION_VALUE', `${name} must be ${wanted}; got ${found}.`);
}
