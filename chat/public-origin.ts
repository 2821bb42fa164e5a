/**
 * The public origin of the chat, if it differs from the listen address, such as that of a TLS proxy.
 */
import { StartError } from './start-error.ts';

/**
 * Validates the value of `--origin`.
 *
 * @param text - `https://chat.example`; empty for none.
 * @throws {@link StartError} for anything other than scheme, host and port. The message omits the value, which may be a
 *   URL with a password.
 */
export function readOrigin(text: string): string | undefined {
  if (text === '') return undefined;
  if (/^https?:\/\//.test(text) && URL.parse(text)?.origin === text) return text;
  throw new StartError(
    '--origin must be scheme and host in lower case, without a path, such as https://chat.example or https://chat.example:8443.',
  );
}
