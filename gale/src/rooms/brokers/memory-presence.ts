/**
 * Who is where, for one process: leases in memory. The SQLite broker uses it too, since only one server can have
 * its file open and nobody is connected when that starts.
 */
import type { Lease, Presence } from '../broker.ts';
import type { Person } from '../stream.ts';
import { toPerson } from './entry-text.ts';

/** Someone who is in a room, or was until nobody renewed it. */
interface Guest {
  readonly person: Person;
  /** By connection: when the lease runs out. */
  readonly leases: Map<string, number>;
}

/** Leases of one process. */
export class MemoryPresence implements Presence {
  readonly #now: () => number;
  /** By room, then by person, in order of entry. */
  readonly #rooms = new Map<string, Map<string, Guest>>();

  /** @param now - A clock in milliseconds. By default one that never jumps when the computer's time is set. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  enter(lease: Lease, leaseMs: number): Promise<boolean> {
    return Promise.resolve(this.#hold(lease, leaseMs));
  }

  renew(leases: readonly Lease[], leaseMs: number): Promise<void> {
    for (const lease of leases) this.#hold(lease, leaseMs);
    return Promise.resolve();
  }

  leave({ room, person, connection }: Lease): Promise<boolean> {
    const guest = this.#rooms.get(room)?.get(person.id);
    if (!guest?.leases.delete(connection)) return Promise.resolve(false);
    const isLast = !this.#isHere(guest);
    if (isLast) this.#forget(room, person.id);
    return Promise.resolve(isLast);
  }

  list(room: string): Promise<Person[]> {
    const guests = [...(this.#rooms.get(room)?.values() ?? [])];
    return Promise.resolve(guests.filter((guest) => this.#isHere(guest)).map(({ person }) => person));
  }

  sweep(room: string): Promise<Person[]> {
    const gone = [...(this.#rooms.get(room)?.values() ?? [])].filter((guest) => !this.#isHere(guest));
    for (const { person } of gone) this.#forget(room, person.id);
    return Promise.resolve(gone.map(({ person }) => person));
  }

  /** @returns Whether the person was not here before. */
  #hold({ room, person, connection }: Lease, leaseMs: number): boolean {
    let guests = this.#rooms.get(room);
    if (!guests) this.#rooms.set(room, (guests = new Map()));
    const before = guests.get(person.id);
    const isFirst = !before || !this.#isHere(before);
    const leases = isFirst ? new Map<string, number>() : before.leases;
    leases.set(connection, this.#now() + leaseMs);
    // Whoever comes in anew stands behind those who stayed.
    if (isFirst) guests.delete(person.id);
    guests.set(person.id, { person: toPerson(person), leases });
    return isFirst;
  }

  /** Also drops what ran out. */
  #isHere({ leases }: Guest): boolean {
    const now = this.#now();
    for (const [connection, end] of leases) if (end <= now) leases.delete(connection);
    return leases.size > 0;
  }

  #forget(room: string, personId: string): void {
    const guests = this.#rooms.get(room);
    guests?.delete(personId);
    if (guests?.size === 0) this.#rooms.delete(room);
  }
}
