/**
 * Objects that work only in a program of one process, because processes share no memory. Their constructor announces them.
 * With several processes, `runProgram` fails if an object was announced. Constructors that run later check `knownProcessCount`.
 */
import type { GaleError } from '../errors.ts';

/** Undefined until `runProgram` is called. */
let processCount: number | undefined;
/** Errors of the objects that were announced before that and not released. */
const announced = new Set<() => GaleError>();

/** Returns the number of processes of this program; undefined before `runProgram` is called. */
export function knownProcessCount(): number | undefined {
  return processCount;
}

/**
 * Announces an object that works in one process only. A later `runProgram` with several processes then fails.
 *
 * @param toError - Creates the error for that failure.
 * @returns Call it to release the object when it is no longer used.
 */
export function announceOneProcess(toError: () => GaleError): () => void {
  // A new function for each call, because several callers may pass the same one.
  const own = (): GaleError => toError();
  if (processCount === undefined) announced.add(own);
  return () => void announced.delete(own);
}

/**
 * Sets the number of processes of the program.
 *
 * @throws {@link GaleError} of the first announced object, if there are several processes.
 */
export function setProcessCount(count: number): void {
  processCount = count;
  const [first] = announced;
  announced.clear();
  if (count > 1 && first !== undefined) throw first();
}
