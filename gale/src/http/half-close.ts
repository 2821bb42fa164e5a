/**
 * The rules for a client that has ended its side of the connection. It may have gone, or still read: TCP does not show the difference. It gets
 * the responses to the requests that it has sent, as long as something is sent to it. client-deadlines.ts has the times: `signal` aborts after 250 ms,
 * and a client to which nothing was sent for `halfClosedTimeoutMs` is gone.
 */
import type { Exchange } from './exchange.ts';

/**
 * What follows the end of the input:
 * - `continue`: no request is being served; pending ones are, then the connection closes
 * - `respond`: the response to the current request is still to be sent, within the deadlines
 * - `close`: the response is complete; nothing is left to do
 * - `drop`: the rest of the request will never come, so there is no response
 */
export type HalfCloseStep = 'continue' | 'respond' | 'close' | 'drop';

/** @param isInputBroken - Whether the current request is malformed or too large; its handler still responds. */
export function stepAfterInput(exchange: Exchange | undefined, isInputBroken: boolean): HalfCloseStep {
  if (exchange === undefined) return 'continue';
  if (exchange.requestEnded) return 'respond';
  if (exchange.response.finished) return 'close';
  return isInputBroken ? 'respond' : 'drop';
}

/** Whether a further request of the client may follow: one that it has sent before the end of its input. */
export function mayFollow(hasInputEnded: boolean, pendingBytes: number): boolean {
  return !hasInputEnded || pendingBytes > 0;
}

/**
 * Whether the client counts as gone 250 ms after the end of its input, so that `signal` aborts. A body of known length is still sent to its
 * end: its handler has begun what it promised, and most clients wait for it.
 */
export function isGoneAfterGrace(exchange: Exchange | undefined): exchange is Exchange {
  return exchange !== undefined && !exchange.response.hasKnownLength;
}
