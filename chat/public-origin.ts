/**
 * The origin at which people see the chat, where that is not the address it listens at: a proxy with TLS, say.
 */
import { StartError } from './start-error.ts';

/**
 * Checks the value of `--origin`.
 *
 * @param text - `https://chat.example`; empty for none.
 * @throws {@link StartError} for anything that is not scheme, host and port. The message does not repeat the value, which may
 *   be a URL with a password.
 */
export function readOrigin(text: string): string | undefined {
  if (text === '') return undefined;
  if (/^https?:\/\//.test(text) && URL.parse(text)?.origin === text) return text;
  throw new StartError(
    '--origin must be scheme and host in lower case, without a path, such as https://chat.example or https://chat.example:8443.',
  );
}
