/**
 * Password hashes as PHC strings: argon2id of node:crypto with the parameters that OWASP recommends.
 * A PHC string contains its parameters. When they are raised later, old hashes remain valid and are reported as outdated.
 *
 * @see OWASP Password Storage Cheat Sheet, Argon2id; RFC 9106; the PHC string format
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { isPasswordLength } from './password.ts';

const argon2Async = promisify(argon2);

/** Cost of a hash. The default is 19 MiB, 2 passes and 1 lane. */
export interface HashCost {
  /** Memory, in KiB. */
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

/** The cost that OWASP recommends (2026). */
export const advisedCost: HashCost = { memoryKib: 19_456, passes: 2, lanes: 1 };

/** Hashed in place of a text that is too long for a password, so that its rejection takes the same time. */
const substitute = 'too long for a password';
const tagBytes = 32;
const saltBytes = 16;

/**
 * Hashes a password (NFC, UTF-8) with a new random salt.
 *
 * @param password - Not longer than `isPasswordLength` allows.
 * @returns The PHC string.
 */
export async function hashPassword(password: string, cost: HashCost = advisedCost): Promise<string> {
  const salt = randomBytes(saltBytes);
  const tag = await derive(password, salt, cost, tagBytes);
  return `$argon2id$v=19$m=${cost.memoryKib},t=${cost.passes},p=${cost.lanes}$${unpadded(salt)}$${unpadded(tag)}`;
}

/**
 * Compares a password with a stored hash. The duration depends only on the cost of the stored hash.
 *
 * @param phc - A result of {@link hashPassword}, of any cost.
 * @param password - Any text. A text that is too long for a password takes as long and does not match.
 * @returns Whether it matches, and whether the hash has a cost other than `cost` and should be replaced.
 * @throws If `phc` is not an argon2id PHC string.
 */
export async function verifyPassword(
  phc: string,
  password: string,
  cost: HashCost = advisedCost,
): Promise<{ readonly matches: boolean; readonly outdated: boolean }> {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(phc);
  if (!match) throw new Error('A stored password hash is not an argon2id PHC string.');
  const stored = { memoryKib: Number(match[1]), passes: Number(match[2]), lanes: Number(match[3]) };
  const tag = Buffer.from(match[5] ?? '', 'base64');
  const isPossible = isPasswordLength(password);
  const derived = await derive(
    isPossible ? password : substitute,
    Buffer.from(match[4] ?? '', 'base64'),
    stored,
    tag.byteLength,
  );
  const outdated = stored.memoryKib !== cost.memoryKib || stored.passes !== cost.passes || stored.lanes !== cost.lanes;
  return { matches: timingSafeEqual(derived, tag) && isPossible, outdated };
}

function derive(password: string, salt: Buffer, cost: HashCost, bytes: number): Promise<Buffer> {
  return argon2Async('argon2id', {
    message: password.normalize('NFC'),
    nonce: salt,
    memory: cost.memoryKib,
    passes: cost.passes,
    parallelism: cost.lanes,
    tagLength: bytes,
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
