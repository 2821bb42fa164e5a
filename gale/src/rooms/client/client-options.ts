/** The options of {@link RoomsClient}. */
import { wireLimits } from '../wire.ts';
import type { OutboxEntry } from './outbox.ts';

/** Where a client connects to, and how patient it is. */
export interface RoomsClientOptions {
  /** The socket's address, `ws:` or `wss:`. */
  readonly url: string;
  /** Opens a WebSocket. @defaultValue `(url) => new WebSocket(url)` */
  readonly webSocket?: (url: string) => WebSocket;
  /** Ceiling of the first wait before a reconnect, in milliseconds; doubles each time. @defaultValue 500 */
  readonly minBackoffMs?: number;
  /** Ceiling of all later waits, in milliseconds. @defaultValue 20 000 */
  readonly maxBackoffMs?: number;
  /** After how long a silence the client asks whether the server is there, in milliseconds. @defaultValue 25 000 */
  readonly heartbeatMs?: number;
  /** How long the line may be silent while an answer or the first frame of a connection is waited for, in milliseconds. @defaultValue 10 000 */
  readonly replyTimeoutMs?: number;
  /** Largest frame the server takes, in bytes; a message that would not fit is refused here. @defaultValue 64 KiB */
  readonly maxFrameBytes?: number;
  /** Commands, publishes apart, that may wait to be sent; one more is refused here with `ROOM_TOO_FAST`. @defaultValue 2000 */
  readonly maxWaitingCommands?: number;
  /** Keeps what was not sent yet over a reload of the page; `save` is called with all of it after each change. */
  readonly outbox?: { load(): OutboxEntry[]; save(entries: readonly OutboxEntry[]): void };
  /**
   * Asked when a connection could not be opened, since a browser does not tell a page that it was answered 401.
   * `false` ends the client as if the server had said that the session ended; a rejection counts as `true`.
   */
  readonly isSignedIn?: () => Promise<boolean>;
  /** @defaultValue `Math.random` */
  readonly random?: () => number;
  /** Milliseconds since 1970. @defaultValue `Date.now` */
  readonly now?: () => number;
}

/** What is used where an option is not given. */
export const clientDefaults: Readonly<Omit<Required<RoomsClientOptions>, 'url' | 'outbox' | 'isSignedIn'>> =
  Object.freeze({
    webSocket: (url: string): WebSocket => new WebSocket(url),
    minBackoffMs: 500,
    maxBackoffMs: 20_000,
    heartbeatMs: 25_000,
    replyTimeoutMs: 10_000,
    maxFrameBytes: wireLimits.frameBytes,
    maxWaitingCommands: 2000,
    random: (): number => Math.random(),
    now: (): number => Date.now(),
  });

/** Options with the defaults filled in. */
export type CompleteClientOptions = RoomsClientOptions & typeof clientDefaults;
