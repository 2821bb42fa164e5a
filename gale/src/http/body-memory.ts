/**
 * The memory that the bodies of all requests of one server take together (`maxBodyMemoryBytes`). Bytes count as they arrive or are decoded,
 * until the request ends. When no room is left, the client whose unfinished bodies take the most memory gives it up: one visitor can use all
 * of it as long as nobody else needs it.
 */
import { GaleError } from '../errors.ts';
import type { Logger } from '../run/log.ts';
import { RateLimitedWarning } from '../run/rate-limited-warning.ts';
import { toNetwork } from './proxy/ip-address.ts';

/** A body that takes memory. */
export interface MemoryUser {
  /** Bytes that it takes now. */
  readonly memoryBytes: number;
  /** Whether more of it will arrive. */
  readonly isArriving: boolean;
  /** Address of the client; an empty text if it is unknown. */
  readonly clientAddress: string;
  /** Gives all its memory back: another client needs it. */
  yieldMemory(error: GaleError): void;
}

/** Bodies of one client that are still arriving. */
interface Client {
  bytes: number;
  readonly users: Set<MemoryUser>;
}

/** Seconds until a refused client should try again: most bodies are read faster. */
const retrySeconds = 5;

/**
 * The Retry-After of the response to an error, if the error is that of a refused body. Such an error was logged already, since a server under
 * load may have thousands of them per second.
 */
export function bodyRetryAfter(error: unknown): string | undefined {
  return error instanceof GaleError && error.code === 'HTTP_BODY_MEMORY' ? String(retrySeconds) : undefined;
}

/** Counts the memory of the bodies of one server. */
export class BodyMemory {
  readonly #maxBytes: number;
  readonly #warning: RateLimitedWarning;
  #usedBytes = 0;
  /** By the network of the client, as far as it has bodies that are still arriving. Bodies that arrived at once are never here. */
  readonly #clients: Map<string, Client> = new Map();
  readonly #clientOf: Map<MemoryUser, string> = new Map();

  constructor(maxBytes: number, log: Logger) {
    this.#maxBytes = maxBytes;
    this.#warning = new RateLimitedWarning(log, 'Request bodies refused: all bodies have reached maxBodyMemoryBytes');
  }

  /** Bytes that are counted now. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** The limit, in bytes. */
  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** Clients with bodies that are still arriving. */
  get clientCount(): number {
    return this.#clients.size;
  }

  /**
   * Counts bytes of a body. Without room, bodies of a client that takes more than this one give theirs back.
   *
   * @returns The error for the client if there is no room; nothing is counted then.
   */
  take(user: MemoryUser, bytes: number): GaleError | undefined {
    if (this.#usedBytes + bytes > this.#maxBytes && !this.#makeRoom(user, bytes)) return this.#refuse(user, bytes);
    this.#usedBytes += bytes;
    const network = this.#clientOf.get(user);
    if (network !== undefined) (this.#clients.get(network) as Client).bytes += bytes;
    else if (user.isArriving) this.#enter(user, user.memoryBytes + bytes);
    return undefined;
  }

  /** Counts bytes no longer. */
  give(user: MemoryUser, bytes: number): void {
    this.#usedBytes -= bytes;
    const network = this.#clientOf.get(user);
    if (network !== undefined) (this.#clients.get(network) as Client).bytes -= bytes;
  }

  /** A body has arrived, or will not: it need not give its memory up any more. Call it before {@link MemoryUser.memoryBytes} changes. */
  settle(user: MemoryUser): void {
    const network = this.#clientOf.get(user);
    if (network === undefined) return;
    this.#clientOf.delete(user);
    const client = this.#clients.get(network) as Client;
    client.users.delete(user);
    client.bytes -= user.memoryBytes;
    if (client.users.size === 0) this.#clients.delete(network);
  }

  /** Logs what is not logged yet. */
  stop(): void {
    this.#warning.stop();
  }

  #enter(user: MemoryUser, bytes: number): void {
    const network = toNetwork(user.clientAddress);
    let client = this.#clients.get(network);
    if (client === undefined) {
      client = { bytes: 0, users: new Set() };
      this.#clients.set(network, client);
    }
    client.bytes += bytes;
    client.users.add(user);
    this.#clientOf.set(user, network);
  }

  /** @returns Whether there is room for the bytes now. If there cannot be, no other body gives its memory up. */
  #makeRoom(user: MemoryUser, bytes: number): boolean {
    const own = this.#clients.get(toNetwork(user.clientAddress));
    const ownBytes = (own?.bytes ?? 0) + (this.#clientOf.has(user) ? 0 : user.memoryBytes) + bytes;
    const others = Array.from(this.#clients.values())
      .filter((client) => client !== own && client.bytes > ownBytes)
      .map((client) => new Shrinking(client));
    const chosen: MemoryUser[] = [];
    let missing = this.#usedBytes + bytes - this.#maxBytes;
    while (missing > 0) {
      const largest = others.reduce<Shrinking | undefined>(
        (most, client) => (client.bytes > (most?.bytes ?? ownBytes) ? client : most),
        undefined,
      );
      const victim = largest?.takeLargest();
      if (victim === undefined) return false;
      chosen.push(victim);
      missing -= victim.memoryBytes;
    }
    for (const victim of chosen) {
      const error = this.#refuse(victim, 0);
      this.settle(victim);
      victim.yieldMemory(error);
    }
    return true;
  }

  #refuse(user: MemoryUser, bytes: number): GaleError {
    const fields = { remoteAddress: user.clientAddress, bytes: user.memoryBytes + bytes };
    this.#warning.note({ ...fields, usedBytes: this.#usedBytes, maxBodyMemoryBytes: this.#maxBytes });
    return new GaleError(
      'HTTP_BODY_MEMORY',
      'The server has no memory left for the body of this request; send it again later.',
      { option: 'maxBodyMemoryBytes' },
    );
  }
}

/** A client whose bodies are chosen to give up their memory, the largest first: so the fewest requests fail. */
class Shrinking {
  bytes: number;
  readonly #users: MemoryUser[];

  constructor({ bytes, users }: Client) {
    this.bytes = bytes;
    this.#users = Array.from(users).toSorted((one, other) => one.memoryBytes - other.memoryBytes);
  }

  takeLargest(): MemoryUser | undefined {
    const user = this.#users.pop();
    this.bytes -= user?.memoryBytes ?? 0;
    return user;
  }
}
