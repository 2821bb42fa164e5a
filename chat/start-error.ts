/**
 * Why the server cannot start, in one line for whoever started it.
 */

/** The message is one line that names what is wrong, with which value, and what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
