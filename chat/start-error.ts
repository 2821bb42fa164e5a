/**
 * The reason why the server cannot start, in one line for the operator.
 */

/** The message is one line: the problem, the value and the next step. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
