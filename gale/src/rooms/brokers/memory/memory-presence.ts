/**
 * Presence for one process: leases in memory. The SQLite broker uses it too, since only one server has
 * its file open, and nobody is connected when that server starts.
 */
import type { Lease, Presence } from '../../broker.ts';
import type { Person } from '../../stream.ts';
import { toPerson } from '../entry-text.ts';

/** A person in a room, or one whose leases expired. */
interface Guest {
  person: Person;
  /** The first lease. Most people have one only, so no map is needed. */
  leases: HeldLease | undefined;
}

/** A lease, linked to the next one of the same person. */
interface HeldLease {
  readonly connection: string;
  /** When it expires. */
  end: number;
  next: HeldLease | undefined;
}

/** Leases of one process. */
export class MemoryPresence implements Presence {
  readonly #now: () => number;
  /** By room, then by person, in order of entry. */
  readonly #rooms = new Map<string, Map<string, Guest>>();

  /** @param now - A clock in milliseconds. The default is monotonic. */
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
    if (!guest || !remove(guest, (lease) => lease.connection === connection)) return Promise.resolve(false);
    const isLast = !this.#isHere(guest);
    if (isLast) this.#forget(room, person.id);
    return Promise.resolve(isLast);
  }

  list(room: string): Promise<Person[]> {
    const people: Person[] = [];
    for (const guest of this.#rooms.get(room)?.values() ?? []) if (this.#isHere(guest)) people.push(guest.person);
    return Promise.resolve(people);
  }

  sweep(room: string): Promise<Person[]> {
    const gone: Person[] = [];
    for (const guest of this.#rooms.get(room)?.values() ?? []) if (!this.#isHere(guest)) gone.push(guest.person);
    for (const { id } of gone) this.#forget(room, id);
    return Promise.resolve(gone);
  }

  /** @returns Whether the person enters by this lease. */
  #hold({ room, person, connection }: Lease, leaseMs: number): boolean {
    let guests = this.#rooms.get(room);
    if (!guests) this.#rooms.set(room, (guests = new Map()));
    const end = this.#now() + leaseMs;
    const guest = guests.get(person.id);
    if (!guest || !this.#isHere(guest)) {
      // People who enter again are listed after those who stayed.
      guests.delete(person.id);
      guests.set(person.id, { person: toPerson(person), leases: { connection, end, next: undefined } });
      return true;
    }
    if (guest.person.name !== person.name) guest.person = toPerson(person);
    let lease = guest.leases;
    while (lease && lease.connection !== connection) lease = lease.next;
    if (lease) lease.end = end;
    else guest.leases = { connection, end, next: guest.leases };
    return false;
  }

  /** Also removes expired leases. */
  #isHere(guest: Guest): boolean {
    const now = this.#now();
    remove(guest, ({ end }) => end <= now);
    return guest.leases !== undefined;
  }

  #forget(room: string, personId: string): void {
    const guests = this.#rooms.get(room);
    guests?.delete(personId);
    if (guests?.size === 0) this.#rooms.delete(room);
  }
}

/** Removes leases. @returns Whether any was removed. */
function remove(guest: Guest, isRemoved: (lease: HeldLease) => boolean): boolean {
  let isAny = false;
  let before: HeldLease | undefined;
  for (let lease = guest.leases; lease; lease = lease.next) {
    if (!isRemoved(lease)) {
      before = lease;
      continue;
    }
    isAny = true;
    if (before) before.next = lease.next;
    else guest.leases = lease.next;
  }
  return isAny;
}
