/**
 * Inflates one compressed message, and stops as soon as it grows over its limit. Small ones are inflated at once, others in
 * Node's thread pool: how large a message becomes is only known by inflating it. What messages refer to from one to the next
 * is message-inflater.ts's to remember. RFC 7692 §7.2.2.
 */
import { inflateRaw, inflateRawSync } from 'node:zlib';
import type { Inflate, ZlibOptions } from 'node:zlib';
import { ProtocolError } from '../../errors.ts';
import { runZlibJob } from './zlib-jobs.ts';

/**
 * What follows the bytes of every message: the end of the flush that the sender has left out (`00 00 ff ff`), and then an
 * empty last block, by which zlib tells a message that is whole from one that breaks off.
 */
const ending = Buffer.from('0000ffff010000ffff', 'hex');
/** Most compressed bytes, and most inflated ones, that are dealt with at once. */
const mostDeflatedAtOnce = 16 * 1024;
const mostInflatedAtOnce = 64 * 1024;
/** Windows of deflate are no larger, RFC 1951 §3.2.5. */
const windowBytes = 32 * 1024;
/** A sender may end a message's deflate stream and begin another, RFC 7692 §7.2.1; who does so more often does harm. */
const mostStreams = 16;
/** Most streams that are dealt with at once: one is usual, and padding behind a last block is a second. */
const mostStreamsAtOnce = 2;

/** What zlib is asked for, and what it answers with `info: true`. */
type Step = readonly [input: Buffer, options: ZlibOptions];
interface Inflated {
  readonly buffer: Buffer;
  /** `bytesWritten` are those that zlib has read. */
  readonly engine: Inflate;
}

/**
 * Inflates a whole message.
 *
 * @param deflated - Payload of all its frames; copied.
 * @param maxBytes - Most bytes it may inflate to.
 * @param before - What it may refer to: the end of the messages before, at most 32 KiB. Must not change before a promise settles.
 * @returns The receiver's own bytes; a promise where it takes longer.
 * @throws {@link ProtocolError} `WS_MESSAGE_TOO_BIG` (1009) or `WS_DEFLATE` (1007). The promise is rejected with the same.
 */
export function inflateMessage(deflated: Buffer, maxBytes: number, before?: Buffer): Buffer | Promise<Buffer> {
  if (deflated.length <= mostDeflatedAtOnce) {
    const most = Math.min(maxBytes, mostInflatedAtOnce);
    try {
      const inflated = inflateNow(deflated, most, before);
      if (inflated !== undefined) return inflated;
    } catch (error) {
      if (!isTooLarge(error) || most === maxBytes) throw protocolErrorFor(error, maxBytes);
    }
  }
  return runZlibJob(() => inflateLater(deflated, maxBytes, before)).catch((error: unknown) => {
    throw protocolErrorFor(error, maxBytes);
  });
}

/** `undefined` for a message of more streams than are dealt with at once. */
function inflateNow(deflated: Buffer, maxBytes: number, before: Buffer | undefined): Buffer | undefined {
  const steps = inflation(deflated, maxBytes, before);
  let step = steps.next();
  for (let stream = 0; step.done !== true; stream++) {
    if (stream === mostStreamsAtOnce) return undefined;
    const [input, options] = step.value;
    step = steps.next(inflateRawSync(input, options) as unknown as Inflated);
  }
  // A small message must not keep the memory alive that was there for a large one.
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

/** One step for each deflate stream of the message, which nearly always is one. */
function* inflation(deflated: Buffer, maxBytes: number, before: Buffer | undefined): Generator<Step, Buffer, Inflated> {
  const input = Buffer.concat([deflated, ending]);
  const chunkSize = Math.min(Math.max(deflated.length * 4, 1024), 64 * 1024);
  let inflated: Buffer | undefined;
  let read = 0;
  for (let stream = 0; stream < mostStreams; stream++) {
    // zlib wants at least 1; what that lets through is refused below.
    const maxOutputLength = Math.max(maxBytes - (inflated?.length ?? 0), 1);
    const dictionary = lastWindowOf(before, inflated);
    const options = { info: true, maxOutputLength, chunkSize, ...(dictionary && { dictionary }) };
    const { buffer, engine } = yield [input.subarray(read), options];
    inflated = inflated === undefined ? buffer : Buffer.concat([inflated, buffer]);
    if (inflated.length > maxBytes) throw tooBig(maxBytes);
    read += engine.bytesWritten;
    if (read >= deflated.length) return inflated;
  }
  throw new ProtocolError('WS_DEFLATE', `Compressed message ends its deflate stream over ${mostStreams} times.`);
}

/** What a stream may refer to: the messages before, and behind them the streams before of its own message. */
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
    `Compressed message inflates to more than maxMessageBytes (${maxBytes}); raise it or send parts.`,
  );
}
