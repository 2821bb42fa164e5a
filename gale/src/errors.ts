/**
 * Every error code of Gale in one table, and the two classes that carry them.
 * A code is stable and may be tested for; the words may change. The page docs/reference/errors.md is made from this table.
 * It stands below every storey and imports nothing.
 */

/** One row of {@link errorTable}. */
export interface ErrorRow {
  /** HTTP status the client is answered with, where the error belongs to a request. */
  readonly status?: number;
  /** Close code the peer is sent, where the error belongs to a WebSocket (RFC 6455 §7.4). */
  readonly closeCode?: number;
  /** What happened, as one sentence. */
  readonly what: string;
  /** What to do about it, as one sentence. */
  readonly todo: string;
}

/** All codes, storey by storey. */
export const errorTable = {
  // run
  OPTION_UNKNOWN: { what: 'A command line option has a name that was not defined.', todo: 'See --help for the names.' },
  OPTION_VALUE: {
    what: 'An option has a value of the wrong type or outside its range.',
    todo: 'Give a value inside the range that the message names.',
  },
  // http
  // websocket
  // web
  // rooms
  ROOM_UNAVAILABLE: {
    status: 503,
    what: 'The store of rooms does not answer.',
    todo: 'Repeat with the same id; look at the store.',
  },
} as const;

/** The name of a row of {@link errorTable}. */
export type ErrorCode = keyof typeof errorTable;

/** An error that Gale names: {@link GaleError.code} is a row of {@link errorTable}. */
export class GaleError extends Error {
  override readonly name: string = 'GaleError';
  /** Stable; documented in docs/reference/errors.md. */
  readonly code: ErrorCode;

  /**
   * @param code - The row.
   * @param message - What happened, with which value, against which limit, and the next step.
   */
  constructor(code: ErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }

  /** HTTP status of the row, 500 where it names none. */
  get status(): number {
    return rowOf(this.code).status ?? 500;
  }

  /** WebSocket close code of the row, 1011 where it names none. */
  get closeCode(): number {
    return rowOf(this.code).closeCode ?? 1011;
  }
}

/** The peer broke a rule of HTTP or WebSocket; it is answered with `status` or closed with `closeCode`. */
export class ProtocolError extends GaleError {
  override readonly name: string = 'ProtocolError';
}

function rowOf(code: ErrorCode): ErrorRow {
  return errorTable[code];
}
