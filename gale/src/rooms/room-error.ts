/**
 * An error as it goes over the wire: a code, a sentence for developers, and whether it is worth repeating.
 * The same class on both ends. Runs in browsers too.
 */

/** A command was refused, or could not be decided. Codes are Gale's (`ROOM_…`) or the application's own. */
export class RoomError extends Error {
  override readonly name: string = 'RoomError';
  /** Stable; a page words the error by it. */
  readonly code: string;
  /** True: nothing was decided, the same may be sent again later. False: it will be refused again. */
  readonly retry: boolean;

  /** The least wait before the command may be sent again, in milliseconds; undefined where the server gives none. */
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
