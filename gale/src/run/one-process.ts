/**
 * What works in a program of one process only, because processes share no memory: announced where it is made, refused where
 * the number of processes is known. That is `runProgram`, or the line that makes it if `runProgram` came first.
 */
import type { GaleError } from '../errors.ts';

/** Undefined until `runProgram` is called. */
let processCount: number | undefined;
/** Made before that and not released. */
const announced = new Set<() => GaleError>();

/** How many processes this program has; undefined before `runProgram` is called, and always without it. */
export function knownProcessCount(): number | undefined {
  return processCount;
}

/**
 * Announces something that works in one process only. A program that calls `runProgram` with several processes afterwards is refused.
 *
 * @param toError - Makes the error that it is refused with.
 * @returns Releases it: it is not used any more.
 */
export function announceOneProcess(toError: () => GaleError): () => void {
  // A function of its own: several may announce the same.
  const own = (): GaleError => toError();
  if (processCount === undefined) announced.add(own);
  return () => void announced.delete(own);
}

/**
 * Says how many processes the program has.
 *
 * @throws {@link GaleError} of the first announcement that does not fit several.
 */
export function setProcessCount(count: number): void {
  processCount = count;
  const [first] = announced;
  announced.clear();
  if (count > 1 && first !== undefined) throw first();
}
