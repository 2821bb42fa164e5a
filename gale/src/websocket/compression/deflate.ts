/**
 * Compresses the payload of one message, by itself or with what it may refer to of the messages before.
 * Which messages are worth it is deflating-writer.ts's to say. RFC 7692 §7.2.1.
 */
import { constants, deflateRaw, deflateRawSync } from 'node:zlib';
import type { ZlibOptions } from 'node:zlib';
import { runZlibJob } from './zlib-jobs.ts';

/** Most bytes that are compressed at once: more would hold up everybody else for over half a millisecond. */
export const mostBytesAtOnce: number = 16 * 1024;
/** The four bytes that end every flush, and that are not sent: `00 00 ff ff`. */
const flushEndBytes = 4;
/** zlib's MIN_LOOKAHEAD: its matches reach back less than a window by so many bytes. */
const lookaheadBytes = 262;

/**
 * The smallest window that loses nothing on a payload of so many bytes; a smaller one takes less memory and time.
 *
 * @param payloadBytes - What it may refer to included.
 * @param most - Base-2 logarithm of the largest window the receiver takes, 9 to 15.
 */
export function windowBitsFor(payloadBytes: number, most: number): number {
  let bits = 9;
  while (bits < most && 2 ** bits < payloadBytes + lookaheadBytes) bits++;
  return bits;
}

/**
 * Compresses one payload.
 *
 * @param payload - Must not be changed before the promise settles.
 * @param windowBits - 9 to 15.
 * @param before - The end of what the receiver has inflated before; must not be changed before the promise settles.
 * @returns A promise for more than {@link mostBytesAtOnce}, else the bytes.
 */
export function deflateMessage(payload: Buffer, windowBits: number, before?: Buffer): Buffer | Promise<Buffer> {
  const options: ZlibOptions = {
    windowBits,
    finishFlush: constants.Z_SYNC_FLUSH,
    chunkSize: Math.min(payload.length + 64, 64 * 1024),
    ...(before && { dictionary: before }),
  };
  if (payload.length <= mostBytesAtOnce) return withoutFlushEnd(deflateRawSync(payload, options));
  return runZlibJob(() => deflateLater(payload, options)).then(withoutFlushEnd);
}

function deflateLater(payload: Buffer, options: ZlibOptions): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  deflateRaw(payload, options, (error, deflated) => {
    if (error === null) resolve(deflated);
    else reject(error);
  });
  return promise;
}

function withoutFlushEnd(deflated: Buffer): Buffer {
  return deflated.subarray(0, deflated.length - flushEndBytes);
}
