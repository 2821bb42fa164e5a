/** Which page of a room's history to read, with its defaults and ranges. */
import { assertNames, readIntegers } from '../../run/given-options.ts';
import type { ReadLimit } from '../broker.ts';
import type { Position } from '../stream.ts';

/** Which page of a history to read. */
export interface HistoryRequest {
  /** The page ends before this message. Without it, the page has the newest messages. */
  readonly before?: Position | undefined;
  /** Most messages of the page. @defaultValue 100 */
  readonly limit?: number;
  /** Most bytes of its messages, in UTF-8; `historyPageBytes` is a second limit. A page has at least one message if there is one. @defaultValue 64 MiB */
  readonly bytes?: number;
}

/** Default, minimum and maximum of each number. */
const ranges = { limit: [100, 1, 1000], bytes: [64 * 1024 * 1024, 1, 64 * 1024 * 1024] } as const;

/** @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`. */
export function readHistoryRequest(request: HistoryRequest): ReadLimit & { readonly before: Position | undefined } {
  assertNames('history', request, ['before', ...Object.keys(ranges)]);
  const { limit: count, bytes } = readIntegers(request, ranges);
  return { before: request.before, count, bytes };
}
