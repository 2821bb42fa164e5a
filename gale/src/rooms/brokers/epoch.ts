/**
 * The name of one life of a stream. Two lives never share one, whichever server names them.
 */
import { randomBytes } from 'node:crypto';

/**
 * The epoch of a room that nobody wrote to, while the store cannot write down another, and of a room that was removed.
 * It has no messages and never gets any: the first publish that can be stored is in a new epoch.
 */
export const unstoredEpoch = 'unstored';

/** Makes a name for a new epoch: 12 random characters that may stand in a URL. */
export function createEpoch(): string {
  return randomBytes(9).toString('base64url');
}
