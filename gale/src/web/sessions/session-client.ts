/** What sessions use of a request. Every handler has it; handler.ts is not imported, since it imports this folder. */
import type { CookieOptions } from '../cookies/cookies.ts';

/** A request with its cookies, until the head of the response is sent. @internal */
export interface SessionRequest extends SessionClient {
  readonly isHeadOpen: boolean;
}

/** A request with its cookies. */
export interface SessionClient {
  readonly request: {
    readonly protocol: string;
    readonly path: string;
    readonly headers: { get(name: string): string | undefined };
  };
  getCookie(name: string): string | undefined;
  getSignedCookie(name: string): string | undefined;
  setCookie(name: string, value: string, options?: CookieOptions): void;
  clearCookie(name: string, options?: CookieOptions): void;
}
