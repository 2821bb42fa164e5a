/**
 * Names of epochs and lives. No two share a name, even if different servers create them.
 */
import { randomBytes } from 'node:crypto';

/**
 * The epoch of an empty room while the store refuses writes, and of a removed room.
 * It never has messages: the first publish that is stored gets a new epoch.
 */
export const unstoredEpoch = 'unstored';

/** Creates the name of a new epoch: 12 random characters that are safe in URLs. */
export function createEpoch(): string {
  return randomBytes(9).toString('base64url');
}

/** Creates the name of a new life: 8 random characters that are safe in URLs. */
export function createLife(): string {
  return randomBytes(6).toString('base64url');
}
