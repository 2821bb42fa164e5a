/**
 * One piece of memory in which the small answers of all connections are put together, one after the other. The operating system takes
 * a small write at once and copies it, so the memory is free again when the write returns; when it did not, the piece is left to the
 * socket and a new one is made. This spares each answer an allocation and the collector its traces.
 */
import type { Writable } from 'node:stream';

/** Answers above this many bytes are written in their parts. */
export const maxSlabBytes: number = 16 * 1024;

/** Text in which each character is one byte, or bytes. */
export type Part = string | Uint8Array;

let slab: Buffer = Buffer.allocUnsafeSlow(maxSlabBytes);
/** Views of the slab's first bytes by their length; answers of the same length come again. */
let views: (Buffer | undefined)[] = [];
const maxViewBytes = 1024;
/**
 * The texts that stand at the beginning of the slab: head and body of the last answer, which often are the next one's too. The second is
 * empty where something else stands behind the first.
 */
let firstText = '';
let secondText = '';

/**
 * Writes `first` and the other parts, exactly `length` bytes together and at most {@link maxSlabBytes}, as one.
 *
 * @returns Whether the operating system took all; if not, the socket will go on writing by itself.
 */
export function writeTogether(
  socket: Writable,
  first: string,
  second: Part,
  more: readonly Part[] | undefined,
  length: number,
): boolean {
  if (first !== firstText) {
    slab.write(first, 0, 'latin1');
    firstText = first;
    secondText = '';
  }
  let at = first.length + second.length;
  if (second !== secondText) {
    put(second, first.length);
    secondText = typeof second === 'string' ? second : '';
  }
  if (more !== undefined) for (const part of more) at = put(part, at);
  const view = length > maxViewBytes ? slab.subarray(0, length) : (views[length] ??= slab.subarray(0, length));
  socket.write(view);
  if (socket.writableLength === 0) return true;
  slab = Buffer.allocUnsafeSlow(maxSlabBytes);
  views = [];
  firstText = '';
  secondText = '';
  return false;
}

/** Texts up to this length are written here: a call of the library costs more. */
const shortText = 32;

function put(part: Part, at: number): number {
  const { length } = part;
  if (typeof part !== 'string') slab.set(part, at);
  else if (length > shortText) slab.write(part, at, 'latin1');
  else for (let index = 0; index < length; index++) slab[at + index] = part.charCodeAt(index);
  return at + length;
}
