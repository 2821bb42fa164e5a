/** The bytes of an ArrayBuffer or of a view of one. Runs in browsers too. */
import { GaleError, type ErrorCode } from '../errors.ts';

/**
 * Returns the bytes that a value holds: those in view of a typed array or a DataView, all of an ArrayBuffer or SharedArrayBuffer.
 *
 * @param code - Code of the error.
 * @returns A view of the same memory; `undefined` if the value is not bytes. Shared memory is copied, because another thread
 *   can change it.
 * @throws {@link GaleError} with this code if the memory was transferred to another thread, so that its bytes are gone.
 */
export function viewBytes(value: object, code: ErrorCode): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) {
    const bytes =
      value instanceof Uint8Array ? value : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    if (bytes.byteLength === 0) assertAttached(bytes.buffer, code);
    return isShared(bytes.buffer) ? bytes.slice() : bytes;
  }
  if (!isArrayBuffer(value)) return undefined;
  assertAttached(value, code);
  const bytes = new Uint8Array(value);
  return isShared(value) ? bytes.slice() : bytes;
}

/** By tag, since a buffer can come from another context, such as `node:vm`. */
function isArrayBuffer(value: object): value is ArrayBufferLike {
  if (Object.getPrototypeOf(value) === Object.prototype) return false;
  const tag = Object.prototype.toString.call(value);
  return tag === '[object ArrayBuffer]' || tag === '[object SharedArrayBuffer]';
}

function isShared(buffer: ArrayBufferLike): boolean {
  // Pages without cross-origin isolation do not have SharedArrayBuffer.
  return typeof SharedArrayBuffer === 'function' && buffer instanceof SharedArrayBuffer;
}

function assertAttached(buffer: ArrayBufferLike, code: ErrorCode): void {
  if ((buffer as { readonly detached?: boolean }).detached !== true) return;
  throw new GaleError(
    code,
    'The memory of an ArrayBuffer was transferred to another owner; send it before, or send a copy.',
  );
}
