/**
 * This server's leases in the rooms: entered, renewed in one batch, left after a grace.
 * The broker decides who is the first or the last connection of a person; the keeper tells everyone.
 */
import { GaleError } from '../errors.ts';
import type { Lease, Presence } from './broker.ts';
import type { PresenceChange } from './lanes.ts';
import type { Logger } from '../run/log.ts';
import type { Person } from './stream.ts';

/** What the keeper needs from the hub. */
export interface PresenceKeeperOptions {
  readonly presenceLeaseMs: number;
  readonly presenceGraceMs: number;
  readonly log: Logger;
  /** Tells everyone in the room, on all servers. */
  readonly tell: (room: string, change: PresenceChange, person: Person) => void;
}

interface Held {
  readonly lease: Lease;
  /** Settles when the broker has the lease, or refused it. */
  entering: Promise<boolean>;
  /** Runs while the connection is closed and the grace lasts. */
  grace: NodeJS.Timeout | undefined;
}

/** The leases of one server. */
export class PresenceKeeper {
  readonly #presence: Presence;
  readonly #options: PresenceKeeperOptions;
  /** By room, then by connection. */
  readonly #rooms = new Map<string, Map<string, Held>>();

  constructor(presence: Presence, options: PresenceKeeperOptions) {
    this.#presence = presence;
    this.#options = options;
  }

  /** Rooms in which this server holds a lease. */
  get rooms(): Iterable<string> {
    return this.#rooms.keys();
  }

  /** Whether a connection to this server keeps the person in the room. */
  holds(room: string, personId: string): boolean {
    for (const held of this.#rooms.get(room)?.values() ?? []) {
      if (held.lease.person.id === personId && !held.grace) return true;
    }
    return false;
  }

  /**
   * Says that a connection is in a room, until {@link leave}. Again for the same connection changes nothing.
   * If the store does not take the lease, the person counts as here from a later renewal on.
   */
  async enter(room: string, person: Person, connection: string): Promise<void> {
    const before = this.#rooms.get(room)?.get(connection);
    if (before) {
      clearTimeout(before.grace);
      before.grace = undefined;
      await before.entering.catch(() => false);
      return;
    }
    const lease: Lease = { room, person, connection };
    const entering = this.#presence.enter(lease, this.#options.presenceLeaseMs);
    this.#add({ lease, entering, grace: undefined });
    try {
      if (await entering) this.#options.tell(room, 'enter', person);
    } catch (error) {
      if (!(error instanceof GaleError && error.code === 'ROOM_UNAVAILABLE')) {
        this.#remove(lease);
        throw error;
      }
      // A store that is full can still be read, so the room can be used. Each renewal tries again.
      this.#options.log.warn(
        { err: error.message, room },
        'a lease could not be stored; trying again with the next renewal',
      );
    }
  }

  /**
   * Says that a connection left: when the grace is over, so that one who reconnects (to whatever server) did not leave.
   *
   * @param options - `now`: without the grace, which ends for the person's other closed connections to this server too;
   * resolves when everyone was told.
   */
  async leave(room: string, connection: string, options: { readonly now?: boolean } = {}): Promise<void> {
    const held = this.#rooms.get(room)?.get(connection);
    if (!held) return;
    clearTimeout(held.grace);
    held.grace = undefined;
    if (options.now === true) {
      await Promise.all(this.#closedOf(room, held.lease.person.id).map((closed) => this.#giveUp(closed)));
    }
    if (options.now === true || this.#options.presenceGraceMs === 0) {
      await this.#giveUp(held);
      return;
    }
    held.grace = setTimeout(() => void this.#giveUp(held), this.#options.presenceGraceMs);
    held.grace.unref();
  }

  /** Makes all leases last from now; those in their grace keep what they have. */
  async renew(): Promise<void> {
    const leases: Lease[] = [];
    for (const room of this.#rooms.values()) {
      for (const held of room.values()) if (!held.grace) leases.push(held.lease);
    }
    if (leases.length > 0) await this.#presence.renew(leases, this.#options.presenceLeaseMs);
  }

  /** Removes leases that ran out, of whatever server, and tells who left by that. */
  async sweep(room: string): Promise<void> {
    for (const person of await this.#presence.sweep(room)) this.#options.tell(room, 'leave', person);
  }

  /**
   * Leaves all rooms: whoever does not come back to another server within the grace is swept by one of those.
   */
  async close(): Promise<void> {
    const leases: Lease[] = [];
    for (const room of this.#rooms.values()) {
      for (const held of room.values()) {
        clearTimeout(held.grace);
        leases.push(held.lease);
      }
    }
    this.#rooms.clear();
    if (leases.length > 0) await this.#presence.renew(leases, Math.max(1, this.#options.presenceGraceMs));
  }

  async #giveUp(held: Held): Promise<void> {
    const { lease } = held;
    clearTimeout(held.grace);
    this.#remove(lease);
    try {
      await held.entering.catch(() => false);
      if (await this.#presence.leave(lease)) this.#options.tell(lease.room, 'leave', lease.person);
    } catch (error) {
      this.#options.log.warn({ err: error, room: lease.room }, 'a lease could not be given up; it will run out');
    }
  }

  #closedOf(room: string, personId: string): Held[] {
    const leases = [...(this.#rooms.get(room)?.values() ?? [])];
    return leases.filter(({ lease, grace }) => grace && lease.person.id === personId);
  }

  #add(held: Held): void {
    const { room, connection } = held.lease;
    let leases = this.#rooms.get(room);
    if (!leases) this.#rooms.set(room, (leases = new Map()));
    leases.set(connection, held);
  }

  #remove({ room, connection }: Lease): void {
    const leases = this.#rooms.get(room);
    leases?.delete(connection);
    if (leases?.size === 0) this.#rooms.delete(room);
  }
}
