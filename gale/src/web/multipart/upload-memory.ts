/** The memory that uploaded files of this process take together. A file for which there is no room goes to a temporary file. */

let usedBytes = 0;

/**
 * Counts bytes of a file in memory.
 *
 * @param maxBytes - Maximum for all files of the process.
 * @returns Whether there is room. If not, nothing is counted.
 */
export function reserveUploadMemory(bytes: number, maxBytes: number): boolean {
  if (usedBytes + bytes > maxBytes) return false;
  usedBytes += bytes;
  return true;
}

/** The bytes are no longer in memory. */
export function releaseUploadMemory(bytes: number): void {
  usedBytes -= bytes;
}

/** Bytes of all uploaded files of this process in memory. */
export function uploadMemoryInUse(): number {
  return usedBytes;
}
