/**
 * The public origin of the chat, from `--origin`: scheme, host and port in the address bar of the browser. It differs from the
 * listen address if a proxy is in front, such as one for TLS.
 */
import { StartError } from './start-error.ts';

/**
 * Validates the value of `--origin`.
 *
 * @param text - Such as `https://chat.example`; empty if there is no public origin.
 * @throws {@link StartError} for anything other than scheme, host and port. The message does not contain the value, because
 *   that may be a URL with a password.
 */
export function readOrigin(text: string): string | undefined {
  if (text === '') return undefined;
  if (/^https?:\/\//.test(text) && URL.parse(text)?.origin === text) return text;
  throw new StartError(
    '--origin must be scheme and host in lower case, without a path, such as https://chat.example or https://chat.example:8443; ' +
      'got another text, which is not shown, since it may hold a password.',
  );
}
