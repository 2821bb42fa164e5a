/**
 * The name of one life of a stream. Two lives never share one, whichever server names them.
 */
import { randomBytes } from 'node:crypto';

/** Makes a name for a new epoch: 12 random characters that may stand in a URL. */
export function createEpoch(): string {
  return randomBytes(9).toString('base64url');
}
