/**
 * Who is in one room, as this server knows it: read from the broker once, then kept true by signals,
 * and compared with the broker from time to time, since signals may get lost.
 */
import type { Presence } from './broker.ts';
import type { PresenceChange } from './lanes.ts';
import type { Person } from './stream.ts';

/** Told of each change of a loaded roster. `count` is how many people are in the room after it. */
export type RosterListener = (change: PresenceChange, person: Person, count: number) => void;

/** The people of one room. */
export class RoomRoster {
  readonly #room: string;
  readonly #presence: Presence;
  readonly #onChange: RosterListener;
  #people: Map<string, Person> | undefined;
  #reading: Promise<void> | undefined;
  /** Changes that were told while the broker was being read. */
  readonly #during: { readonly change: PresenceChange; readonly person: Person }[] = [];

  constructor(room: string, presence: Presence, onChange: RosterListener) {
    this.#room = room;
    this.#presence = presence;
    this.#onChange = onChange;
  }

  /** Everyone who is here, each once; undefined before {@link load}. */
  get people(): readonly Person[] | undefined {
    return this.#people && [...this.#people.values()];
  }

  /** Reads the broker, unless that was done before. */
  async load(): Promise<void> {
    if (this.#people === undefined) await this.compare();
  }

  /** Reads the broker and tells the differences. What was never loaded has none. */
  async compare(): Promise<void> {
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    await this.#reading;
  }

  /** Applies what a server told. A change that is none is passed over. */
  apply(change: PresenceChange, person: Person): void {
    if (this.#reading) this.#during.push({ change, person });
    const people = this.#people;
    if (!people || people.has(person.id) === (change === 'enter')) return;
    if (change === 'enter') people.set(person.id, person);
    else people.delete(person.id);
    this.#onChange(change, person, people.size);
  }

  async #read(): Promise<void> {
    this.#during.length = 0;
    const listed = await this.#presence.list(this.#room);
    const people = new Map(listed.map((person) => [person.id, person]));
    // The list may be from before or after a change told meanwhile; the last word on each person counts.
    for (const { change, person } of this.#during) {
      if (change === 'enter') people.set(person.id, person);
      else people.delete(person.id);
    }
    const known = this.#people;
    if (!known) {
      this.#people = people;
      return;
    }
    for (const person of known.values()) {
      if (people.has(person.id)) continue;
      known.delete(person.id);
      this.#onChange('leave', person, known.size);
    }
    for (const person of people.values()) {
      if (known.has(person.id)) continue;
      known.set(person.id, person);
      this.#onChange('enter', person, known.size);
    }
  }
}
