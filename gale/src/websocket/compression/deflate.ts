/**
 * Compresses the payload of one message, alone or with a dictionary of earlier messages.
 * deflating-writer.ts decides which messages to compress. RFC 7692 §7.2.1.
 */
import { constants, deflateRaw, deflateRawSync } from 'node:zlib';
import type { ZlibOptions } from 'node:zlib';
import { runZlibJob } from './zlib-jobs.ts';

/** Largest payload compressed synchronously: a larger one would block the event loop for over half a millisecond. */
export const maxSyncBytes: number = 16 * 1024;
/** Every flush ends with `00 00 ff ff`, which is not sent. */
const flushEndBytes = 4;
/** MIN_LOOKAHEAD of zlib: matches reach back a window minus these bytes. */
const lookaheadBytes = 262;

/**
 * The smallest window that compresses a payload of this size as well as the largest. Smaller ones use less memory and time.
 *
 * @param payloadBytes - Including the dictionary.
 * @param maxBits - Base-2 logarithm of the largest window of the receiver, 9 to 15.
 */
export function windowBitsFor(payloadBytes: number, maxBits: number): number {
  let bits = 9;
  while (bits < maxBits && 2 ** bits < payloadBytes + lookaheadBytes) bits++;
  return bits;
}

/**
 * Compresses one payload.
 *
 * @param payload - Must not be changed before the promise settles.
 * @param windowBits - 9 to 15.
 * @param dictionary - The end of what the receiver has inflated so far. Must not be changed before the promise settles.
 * @returns The bytes; a promise for a payload over {@link maxSyncBytes}.
 */
export function deflateMessage(payload: Buffer, windowBits: number, dictionary?: Buffer): Buffer | Promise<Buffer> {
  const options: ZlibOptions = {
    windowBits,
    finishFlush: constants.Z_SYNC_FLUSH,
    chunkSize: Math.min(payload.length + 64, 64 * 1024),
    ...(dictionary && { dictionary }),
  };
  if (payload.length <= maxSyncBytes) return withoutFlushEnd(deflateRawSync(payload, options));
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
