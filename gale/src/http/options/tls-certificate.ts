/**
 * Checks that the options of `node:tls` have a certificate with its key: `node:tls` itself accepts options without one, and then every
 * handshake fails.
 */
import type { SecureContextOptions, TlsOptions } from 'node:tls';
import { wrongValue } from '../../run/given-options.ts';

const identityNames = ['cert', 'key', 'pfx', 'passphrase'] as const;

/**
 * Asserts that there is a certificate: `cert` and `key`, or `pfx`.
 *
 * @param name - Name of the option, for the message.
 * @param instead - Names of functions that replace a certificate.
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

/**
 * Replaces the certificate in the options of a server. The certificate comes from `newer` only. Other values of `newer` override
 * those of `options`.
 */
export function withCertificate(options: TlsOptions, newer: SecureContextOptions): TlsOptions {
  const merged: TlsOptions = { ...options };
  for (const name of identityNames) delete merged[name];
  return { ...merged, ...newer };
}

/** Whether the value is a string, bytes or a list, and not empty. */
function isFilled(value: unknown): boolean {
  if (typeof value === 'string') return value !== '';
  return typeof value === 'object' && value !== null && Number(Reflect.get(value, 'length')) > 0;
}
