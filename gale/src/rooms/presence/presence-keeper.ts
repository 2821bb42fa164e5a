/**
 * The presence leases of this server: entered, renewed in one batch, released after a grace period.
 * The broker decides which connection of a person is the first or the last. The keeper notifies all servers.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { GaleError } from '../../errors.ts';
import type { Logger } from '../../run/log.ts';
import type { Lease, Presence } from '../broker.ts';
import type { PresenceChange } from '../signal-envelope.ts';
import type { Person } from '../stream.ts';

/** Attempts to renew again, and the time between them in milliseconds. */
const maxAttempts = 20;
const attemptMs = 250;

/** Options, from {@link Rooms}. */
export interface PresenceKeeperOptions {
  readonly presenceLeaseMs: number;
  readonly presenceGraceMs: number;
  readonly log: Logger;
  /** Notifies everyone in the room, on all servers. */
  readonly notify: (room: string, change: PresenceChange, person: Person) => void;
}

/** A lease of this server. */
class Held implements Lease {
  readonly room: string;
  readonly person: Person;
  readonly connection: string;
  /** Settles when the broker stored or refused the lease. Undefined afterwards. */
  entering: Promise<boolean> | undefined;
  /** Runs during the grace of a closed connection. */
  grace: NodeJS.Timeout | undefined;
  /** The next lease of the same person in the room. */
  next: Held | undefined;

  constructor(room: string, person: Person, connection: string) {
    this.room = room;
    this.person = person;
    this.connection = connection;
    this.entering = undefined;
    this.grace = undefined;
    this.next = undefined;
  }
}

/** The leases of one server in one room. */
interface RoomLeases {
  readonly byConnection: Map<string, Held>;
  /** The first lease of each person, linked to the others. */
  readonly byPerson: Map<string, Held>;
}

/** The leases of one server. The cost for one connection does not depend on the size of the room. */
export class PresenceKeeper {
  readonly #presence: Presence;
  readonly #options: PresenceKeeperOptions;
  readonly #rooms = new Map<string, RoomLeases>();
  #renewingAgain: Promise<void> | undefined;
  /** Leases whose release is under way, by room and connection. */
  readonly #releasing = new Map<string, Promise<void>>();

  constructor(presence: Presence, options: PresenceKeeperOptions) {
    this.#presence = presence;
    this.#options = options;
  }

  /** Rooms in which this server holds a lease. */
  get rooms(): Iterable<string> {
    return this.#rooms.keys();
  }

  /** Whether an open connection to this server keeps the person in the room. */
  holds(room: string, personId: string): boolean {
    for (let held = this.#firstOf(room, personId); held; held = held.next) if (!held.grace) return true;
    return false;
  }

  /**
   * Adds a connection to a room, until {@link leave}. A second call for the same connection only ends its grace.
   * If the store refuses the lease, the person is present after a later renewal.
   */
  async enter(room: string, person: Person, connection: string): Promise<void> {
    const before = this.#rooms.get(room)?.byConnection.get(connection);
    if (before) {
      clearTimeout(before.grace);
      before.grace = undefined;
      await before.entering?.catch(() => false);
      return;
    }
    const held = new Held(room, person, connection);
    held.entering = this.#take(held);
    this.#add(held);
    try {
      if (await held.entering) this.#options.notify(room, 'enter', person);
    } catch (error) {
      if (!(error instanceof GaleError && error.code === 'ROOM_UNAVAILABLE')) {
        this.#remove(held);
        throw error;
      }
      // A full store can still be read, so the room can be used. Each renewal tries again.
      this.#options.log.warn({ err: error, room }, 'Could not store a presence lease; retrying at the next renewal');
      return;
    } finally {
      held.entering = undefined;
    }
    // The new lease keeps the person here, so the closed connections need no grace.
    const isOpen = !held.grace && this.#rooms.get(room)?.byConnection.get(connection) === held;
    if (isOpen) void this.#giveUpClosed(room, person.id);
  }

  /**
   * Removes a connection from a room after the grace, so that a reconnect to any server does not count as a leave.
   *
   * @param options - `now`: removes it without a grace, also the other closed connections of the person to this server.
   * Resolves when everyone was notified.
   */
  async leave(room: string, connection: string, options: { readonly now?: boolean } = {}): Promise<void> {
    const held = this.#rooms.get(room)?.byConnection.get(connection);
    if (!held) return;
    clearTimeout(held.grace);
    held.grace = undefined;
    // The new grace ends later, so a person needs at most one closed connection in a room.
    const givingUp = this.#giveUpClosed(room, held.person.id);
    if (options.now === true || this.#options.presenceGraceMs === 0) {
      await Promise.all([givingUp, this.#giveUp(held)]);
      return;
    }
    held.grace = setTimeout(() => void this.#giveUp(held), this.#options.presenceGraceMs);
    held.grace.unref();
  }

  /** Renews all leases, except those in their grace. */
  async renew(): Promise<void> {
    const leases: Lease[] = [];
    for (const { byConnection } of this.#rooms.values()) {
      for (const held of byConnection.values()) if (!held.grace && !held.entering) leases.push(held);
    }
    if (leases.length > 0) await this.#presence.renew(leases, this.#options.presenceLeaseMs);
  }

  /**
   * Renews all leases as soon as the store can: it may have lost them, or they expired while it could not be reached. Settles after that, or
   * when the store stays away. Never throws.
   */
  renewAgain(): Promise<void> {
    this.#renewingAgain ??= this.#renewUntilDone().finally(() => (this.#renewingAgain = undefined));
    return this.#renewingAgain;
  }

  async #renewUntilDone(): Promise<void> {
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      try {
        await this.renew();
        return;
      } catch {
        // The connection for commands can be back later than that for signals. The timer of the renewals logs it if it stays away.
        await delay(attemptMs, undefined, { ref: false });
      }
    }
  }

  /** Removes expired leases of all servers, and notifies everyone of the people who left. */
  async sweep(room: string): Promise<void> {
    for (const person of await this.#presence.sweep(room)) this.#options.notify(room, 'leave', person);
  }

  /** Shortens all leases to the grace. Another server sweeps the people who do not reconnect in time. */
  async close(): Promise<void> {
    const leases: Lease[] = [];
    for (const { byConnection } of this.#rooms.values()) {
      for (const held of byConnection.values()) {
        clearTimeout(held.grace);
        leases.push(held);
      }
    }
    this.#rooms.clear();
    if (leases.length > 0) await this.#presence.renew(leases, Math.max(1, this.#options.presenceGraceMs));
  }

  /** Stores a lease, after an earlier lease of the same connection was released. */
  async #take(held: Held): Promise<boolean> {
    const releasing = this.#releasing.get(keyOf(held));
    if (releasing) await releasing;
    return this.#presence.enter(held, this.#options.presenceLeaseMs);
  }

  #giveUp(held: Held): Promise<void> {
    clearTimeout(held.grace);
    this.#remove(held);
    const key = keyOf(held);
    const releasing = this.#release(held).finally(() => {
      if (this.#releasing.get(key) === releasing) this.#releasing.delete(key);
    });
    this.#releasing.set(key, releasing);
    return releasing;
  }

  /** Never throws. */
  async #release(held: Held): Promise<void> {
    try {
      await held.entering?.catch(() => false);
      if (await this.#presence.leave(held)) this.#options.notify(held.room, 'leave', held.person);
    } catch (error) {
      this.#options.log.warn({ err: error, room: held.room }, 'Could not release a presence lease; it will expire');
    }
  }

  async #giveUpClosed(room: string, personId: string): Promise<void> {
    const closed: Held[] = [];
    for (let held = this.#firstOf(room, personId); held; held = held.next) if (held.grace) closed.push(held);
    if (closed.length > 0) await Promise.all(closed.map((held) => this.#giveUp(held)));
  }

  #firstOf(room: string, personId: string): Held | undefined {
    return this.#rooms.get(room)?.byPerson.get(personId);
  }

  #add(held: Held): void {
    const { room, person, connection } = held;
    let leases = this.#rooms.get(room);
    if (!leases) this.#rooms.set(room, (leases = { byConnection: new Map(), byPerson: new Map() }));
    leases.byConnection.set(connection, held);
    held.next = leases.byPerson.get(person.id);
    leases.byPerson.set(person.id, held);
  }

  #remove(held: Held): void {
    const { room, person, connection } = held;
    const leases = this.#rooms.get(room);
    if (leases?.byConnection.get(connection) !== held) return;
    leases.byConnection.delete(connection);
    if (leases.byConnection.size === 0) this.#rooms.delete(room);
    let before = leases.byPerson.get(person.id);
    if (before === held) {
      if (held.next) leases.byPerson.set(person.id, held.next);
      else leases.byPerson.delete(person.id);
      return;
    }
    while (before && before.next !== held) before = before.next;
    if (before) before.next = held.next;
  }
}

function keyOf({ room, connection }: Lease): string {
  return `${connection}\n${room}`;
}
