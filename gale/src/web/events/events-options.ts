/** The options of a stream of server-sent events. */
import { assertNames, maxTimerMs, readIntegers, type NumberRange } from '../../run/given-options.ts';

/** Options of {@link RequestHandler.events}. */
export interface EventsOptions {
  /** Time without an event after which a comment is sent, so that proxies keep the connection, in milliseconds; 0 sends none. @defaultValue 15 000 */
  readonly heartbeatMs?: number;
  /** Bytes of events that may wait for a client that reads slowly. Over it the connection is reset; the client reconnects. @defaultValue 1 MiB */
  readonly maxBufferedBytes?: number;
}

const ranges: Readonly<Record<keyof EventsOptions, NumberRange>> = {
  heartbeatMs: [15_000, 0, maxTimerMs],
  maxBufferedBytes: [1_048_576, 1, Number.MAX_SAFE_INTEGER],
};

/** @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`. */
export function resolveEventsOptions(options: EventsOptions): Required<EventsOptions> {
  assertNames('events', options, Object.keys(ranges));
  return readIntegers(options, ranges);
}
