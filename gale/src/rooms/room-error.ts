/**
 * An error on the wire: a code, a message for developers, and whether a retry makes sense.
 * The same class on server and client. Safe for browsers.
 */

/** A command was refused or failed. The code is one of Gale (`ROOM_…`) or of the application. */
export class RoomError extends Error {
  override readonly name: string = 'RoomError';
  /** Stable. A page chooses its own text by the code. */
  readonly code: string;
  /** True: the command may be sent again later. False: it would be refused again. */
  readonly retry: boolean;

  /** Least wait before the command may be sent again, in milliseconds. Undefined if the server sends none. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: string,
    message: string,
    options: { readonly retry?: boolean; readonly retryAfterMs?: number; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.retry = options.retry ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}
