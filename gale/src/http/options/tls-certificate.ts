/**
 * The part of the options of `node:tls` that says who a server is: a certificate with its key. It is looked at before the server is made,
 * since `node:tls` takes options without one and then fails every handshake.
 */
import type { SecureContextOptions, TlsOptions } from 'node:tls';
import { wrongValue } from '../../run/given-options.ts';

const identityNames = ['cert', 'key', 'pfx', 'passphrase'] as const;

/**
 * Looks whether a certificate is there: `cert` and `key`, or `pfx`.
 *
 * @param name - Of the option, for the message.
 * @param instead - Names of functions that do in place of one.
 * @throws {@link GaleError} `OPTION_VALUE`.
 */
export function assertCertificate(name: string, options: TlsOptions, instead: readonly string[] = []): void {
  const given: unknown = options;
  if (typeof given === 'object' && given !== null) {
    const has = (field: string): boolean => isFilled(Reflect.get(given, field));
    if ((has('cert') && has('key')) || has('pfx')) return;
    if (instead.some((field) => typeof Reflect.get(given, field) === 'function')) return;
  }
  throw wrongValue(name, `an object with cert and key, or ${['pfx', ...instead].join(', or ')}`, options);
}

/** The options of a server with another certificate: whose it is comes from `newer` alone, all else where `newer` says nothing. */
export function withCertificate(options: TlsOptions, newer: SecureContextOptions): TlsOptions {
  const merged: TlsOptions = { ...options };
  for (const name of identityNames) delete merged[name];
  return { ...merged, ...newer };
}

/** Whether it is text, bytes or a list, and not empty. */
function isFilled(value: unknown): boolean {
  if (typeof value === 'string') return value !== '';
  return typeof value === 'object' && value !== null && Number(Reflect.get(value, 'length')) > 0;
}
