/**
 * The people of one room, as this server knows them: read from the broker once, then updated by signals,
 * and compared with the broker regularly, since signals may get lost. The cost of a change does not depend on the size of the room.
 */
import type { Presence } from '../broker.ts';
import type { PresenceChange } from '../signal-envelope.ts';
import { PeoplePages } from './people-pages.ts';
import { PresenceBatches } from './presence-batches.ts';
import type { PeoplePage, PresenceBatch, RoomPeople } from './room-people.ts';
import type { Person } from '../stream.ts';

/** Options of a roster, from its channel. */
export interface RoomRosterOptions {
  /** Time from the first change to its batch, in milliseconds. */
  readonly presenceBatchMs: number;
  /** Most people in a room whose events have names. */
  readonly presenceNamesMax: number;
  /** Sends a batch to all subscribers that have the list. */
  readonly onBatch: (batch: PresenceBatch) => void;
  /** Sends the whole list to them. */
  readonly onPeople: (people: RoomPeople) => void;
}

/** The people of one room. */
export class RoomRoster {
  readonly #room: string;
  readonly #presence: Presence;
  /** By id, in order of entry. */
  readonly #people = new Map<string, Person>();
  readonly #batches: PresenceBatches;
  readonly #pages: PeoplePages;
  #isLoaded = false;
  #reading: Promise<void> | undefined;
  /** Changes that arrived while the broker was being read. */
  readonly #during: { readonly change: PresenceChange; readonly person: Person }[] = [];

  constructor(room: string, presence: Presence, options: RoomRosterOptions) {
    const { presenceBatchMs: batchMs, presenceNamesMax: namesMax, onBatch, onPeople } = options;
    this.#room = room;
    this.#presence = presence;
    this.#pages = new PeoplePages(this.#people);
    const onInterval = (): void => this.#pages.refresh();
    this.#batches = new PresenceBatches(room, this.#people, { batchMs, namesMax, onBatch, onPeople, onInterval });
  }

  /** Whether the broker was read. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Reads the broker, unless the roster is loaded. */
  async load(): Promise<void> {
    if (!this.#isLoaded) await this.compare();
  }

  /** Reads the broker and records the differences. The first read records none. */
  async compare(): Promise<void> {
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    await this.#reading;
  }

  /** The current list for a new subscriber. Only after {@link load}. */
  show(): RoomPeople {
    return this.#batches.show();
  }

  /** At most `limit` people after an id, ordered by id. Only after {@link load}. May miss people who entered since the last batch. */
  page(after: string | undefined, limit: number): PeoplePage {
    return this.#pages.page(after, limit);
  }

  /** Applies a change that a server signalled. A known change has no effect. */
  apply(change: PresenceChange, person: Person): void {
    if (this.#reading) this.#during.push({ change, person });
    if (this.#isLoaded) this.#set(person, change === 'enter');
  }

  /** Stops sending. */
  close(): void {
    this.#batches.close();
  }

  #set(person: Person, isHere: boolean): void {
    if (this.#people.has(person.id) === isHere) return;
    if (isHere) this.#people.set(person.id, person);
    else this.#people.delete(person.id);
    this.#batches.note(person, isHere);
  }

  async #read(): Promise<void> {
    this.#during.length = 0;
    const listed = await this.#presence.list(this.#room);
    const people = new Map(listed.map((person) => [person.id, person]));
    // The list may be older or newer than a change signalled meanwhile, so the last signal of each person wins.
    for (const { change, person } of this.#during) {
      if (change === 'enter') people.set(person.id, person);
      else people.delete(person.id);
    }
    this.#during.length = 0;
    if (this.#isLoaded) {
      for (const person of this.#people.values()) if (!people.has(person.id)) this.#set(person, false);
      for (const person of people.values()) this.#set(person, true);
      return;
    }
    for (const person of people.values()) this.#people.set(person.id, person);
    this.#isLoaded = true;
    this.#batches.begin();
  }
}
