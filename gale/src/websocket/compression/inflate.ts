/**
 * Inflates one compressed message and stops as soon as it exceeds its limit. Small messages are inflated synchronously, others
 * in the thread pool, since only inflating shows the size. message-inflater.ts keeps the dictionary. RFC 7692 §7.2.2.
 */
import { inflateRaw, inflateRawSync } from 'node:zlib';
import type { Inflate, ZlibOptions } from 'node:zlib';
import { ProtocolError } from '../../errors.ts';
import { runZlibJob } from './zlib-jobs.ts';

/**
 * Appended to every message: the end of the flush, which the sender omits (`00 00 ff ff`), and an empty last block. With that
 * block zlib detects a truncated message.
 */
const ending = Buffer.from('0000ffff010000ffff', 'hex');
/** Most compressed and most inflated bytes of a message that is inflated synchronously. */
const maxSyncDeflatedBytes = 16 * 1024;
const maxSyncInflatedBytes = 64 * 1024;
/** Largest window of deflate, RFC 1951 §3.2.5. */
const windowBytes = 32 * 1024;
/** A message may have several deflate streams, RFC 7692 §7.2.1. More than these are an attack. */
const maxStreams = 16;
/** Most streams inflated synchronously: one is usual, and padding after a last block is a second. */
const maxSyncStreams = 2;

/** One call of zlib, and its result with `info: true`. */
type Step = readonly [input: Buffer, options: ZlibOptions];
interface Inflated {
  readonly buffer: Buffer;
  /** `bytesWritten` is the number of bytes that zlib has read. */
  readonly engine: Inflate;
}

/**
 * Inflates a whole message.
 *
 * @param deflated - Payload of all frames of the message; copied.
 * @param maxBytes - Largest inflated size.
 * @param before - Dictionary: the end of the earlier messages, at most 32 KiB. Must not change before a promise settles.
 * @returns Bytes that the caller owns; a promise for a larger message.
 * @throws {@link ProtocolError} `WS_MESSAGE_TOO_BIG` (1009) or `WS_DEFLATE` (1007). The promise is rejected with the same.
 */
export function inflateMessage(deflated: Buffer, maxBytes: number, before?: Buffer): Buffer | Promise<Buffer> {
  if (deflated.length <= maxSyncDeflatedBytes) {
    const syncLimit = Math.min(maxBytes, maxSyncInflatedBytes);
    try {
      const inflated = inflateNow(deflated, syncLimit, before);
      if (inflated !== undefined) return inflated;
    } catch (error) {
      if (!isTooLarge(error) || syncLimit === maxBytes) throw protocolErrorFor(error, maxBytes);
    }
  }
  return runZlibJob(() => inflateLater(deflated, maxBytes, before)).catch((error: unknown) => {
    throw protocolErrorFor(error, maxBytes);
  });
}

/** `undefined` for a message of more than {@link maxSyncStreams}. */
function inflateNow(deflated: Buffer, maxBytes: number, before: Buffer | undefined): Buffer | undefined {
  const steps = inflation(deflated, maxBytes, before);
  let step = steps.next();
  for (let stream = 0; step.done !== true; stream++) {
    if (stream === maxSyncStreams) return undefined;
    const [input, options] = step.value;
    step = steps.next(inflateRawSync(input, options) as unknown as Inflated);
  }
  // A small message must not keep a large buffer alive.
  return step.value.length * 2 < step.value.buffer.byteLength ? Buffer.from(step.value) : step.value;
}

async function inflateLater(deflated: Buffer, maxBytes: number, before: Buffer | undefined): Promise<Buffer> {
  const steps = inflation(deflated, maxBytes, before);
  let step = steps.next();
  while (step.done !== true) step = steps.next(await inflateStep(...step.value));
  return step.value;
}

function inflateStep(input: Buffer, options: ZlibOptions): Promise<Inflated> {
  const { promise, resolve, reject } = Promise.withResolvers<Inflated>();
  inflateRaw(input, options, (error, inflated) => {
    if (error === null) resolve(inflated as unknown as Inflated);
    else reject(error);
  });
  return promise;
}

/** One step for each deflate stream of the message; nearly always one. */
function* inflation(deflated: Buffer, maxBytes: number, before: Buffer | undefined): Generator<Step, Buffer, Inflated> {
  const input = Buffer.concat([deflated, ending]);
  const chunkSize = Math.min(Math.max(deflated.length * 4, 1024), 64 * 1024);
  let inflated: Buffer | undefined;
  let read = 0;
  for (let stream = 0; stream < maxStreams; stream++) {
    // zlib requires at least 1; the check below rejects the extra byte.
    const maxOutputLength = Math.max(maxBytes - (inflated?.length ?? 0), 1);
    const dictionary = lastWindowOf(before, inflated);
    const options = { info: true, maxOutputLength, chunkSize, ...(dictionary && { dictionary }) };
    const { buffer, engine } = yield [input.subarray(read), options];
    inflated = inflated === undefined ? buffer : Buffer.concat([inflated, buffer]);
    if (inflated.length > maxBytes) throw tooBig(maxBytes);
    read += engine.bytesWritten;
    if (read >= deflated.length) return inflated;
  }
  throw new ProtocolError('WS_DEFLATE', `Compressed message has more than ${maxStreams} deflate streams.`);
}

/** The dictionary of a stream: earlier messages, then earlier streams of the same message. */
function lastWindowOf(before: Buffer | undefined, inflated: Buffer | undefined): Buffer | undefined {
  if (before === undefined || inflated === undefined) return (before ?? inflated)?.subarray(-windowBytes);
  return Buffer.concat([before, inflated]).subarray(-windowBytes);
}

function isTooLarge(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ERR_BUFFER_TOO_LARGE' || code === 'WS_MESSAGE_TOO_BIG';
}

function protocolErrorFor(error: unknown, maxBytes: number): ProtocolError {
  if (isTooLarge(error)) return tooBig(maxBytes);
  if (error instanceof ProtocolError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new ProtocolError('WS_DEFLATE', `Compressed message cannot be inflated: ${why}.`, { cause: error });
}

function tooBig(maxBytes: number): ProtocolError {
  return new ProtocolError(
    'WS_MESSAGE_TOO_BIG',
    `Compressed message inflates to more than maxMessageBytes (${maxBytes}); send smaller messages.`,
  );
}
