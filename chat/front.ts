/**
 * Where people reach the chat: this server itself, or a proxy in front of it that speaks TLS.
 * A proxy is believed only if whoever runs the server named its origin.
 */
import type { HttpRequest } from 'gale';
import { StartError } from './start-error.ts';

export class Front {
  /** Origin of the proxy, as browsers write it; undefined without one. */
  readonly origin: string | undefined;

  /**
   * @param origin - `https://chat.example`, or empty for no proxy.
   * @throws {@link StartError} if it is anything else than scheme, host and port.
   */
  constructor(origin: string = '') {
    if (origin !== '' && (!/^https?:\/\//.test(origin) || !URL.canParse(origin) || new URL(origin).origin !== origin)) {
      throw new StartError(`--origin is scheme and host, such as https://chat.example, not ${JSON.stringify(origin)}.`);
    }
    this.origin = origin === '' ? undefined : origin;
  }

  /** Whether the browser came over https, so that its cookies are for that alone. */
  isSecure(request: HttpRequest): boolean {
    return this.origin === undefined ? request.protocol === 'https' : this.origin.startsWith('https:');
  }

  /** The visitor's address: behind a proxy the last one of X-Forwarded-For, which the proxy itself has written. */
  addressOf(request: HttpRequest): string {
    const forwarded = this.origin === undefined ? undefined : request.headers.get('x-forwarded-for');
    return forwarded?.split(',').at(-1)?.trim() || request.remoteAddress;
  }
}
