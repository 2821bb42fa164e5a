/**
 * The people whom the page shows by their id, as in mentions: their names now, since a person can be renamed. Unknown people are asked
 * for in batches. A bounded cache.
 */
import { maxDescribed, type WirePerson } from '../../mentions/mention-wire.ts';
import { Store } from '../state/store.ts';

/** People that are kept. */
const maxKept = 2000;
/** Time in which unknown ids are collected for one command, in milliseconds. */
const collectMs = 30;
/** Longest delay after a change, in milliseconds: not all pages ask the server at once. */
const changeMs = 1000;

/** A known person; null for an id that does not exist, or not for this person. */
export type KnownPerson = WirePerson | null;

/** What the names need. */
export interface PeopleNamesParts {
  /** Asks the server. */
  readonly describe: (ids: readonly string[]) => Promise<readonly WirePerson[]>;
  readonly later?: (then: () => void, afterMs: number) => void;
  readonly random?: () => number;
}

export class PeopleNames {
  /** The people by their id. A new value for each change. */
  readonly store: Store<ReadonlyMap<string, KnownPerson>> = new Store<ReadonlyMap<string, KnownPerson>>(new Map());
  readonly #describe: PeopleNamesParts['describe'];
  readonly #later: (then: () => void, afterMs: number) => void;
  readonly #random: () => number;
  readonly #asked = new Set<string>();
  /** Known people who may have changed. */
  readonly #old = new Set<string>();
  /** Ids by names that people had before, which a text in the composer may still have. */
  readonly #former = new Map<string, string>();
  #waiting = new Set<string>();
  #named: { people: ReadonlyMap<string, KnownPerson>; readonly ids: ReadonlyMap<string, string> } = {
    people: new Map(),
    ids: new Map(),
  };

  constructor({
    describe,
    later = (then, afterMs) => void setTimeout(then, afterMs),
    random = Math.random,
  }: PeopleNamesParts) {
    this.#describe = describe;
    this.#later = later;
    this.#random = random;
  }

  /** The id of each known name, also of one that a person had until they were renamed. */
  get ids(): ReadonlyMap<string, string> {
    const people = this.store.value;
    if (this.#named.people !== people) {
      const ids = new Map(this.#former);
      for (const [id, person] of people) if (person && person.name !== '') ids.set(person.name, id);
      this.#named = { people, ids };
    }
    return this.#named.ids;
  }

  /** The name of a person without one, such as a deleted one: these words, or with a number. Nobody else has it, and {@link ids} has it. */
  standIn(id: string, words: string): string {
    let name = words;
    for (let at = 2; (this.ids.get(name) ?? id) !== id; at++) name = `${words} ${at}`;
    this.#keepFormer(name, id);
    return name;
  }

  /** The person of an id. If it is unknown, the server is asked, and the store changes; also if it may have changed, after {@link renew}. */
  find(id: string): KnownPerson | undefined {
    const known = this.store.value.get(id);
    if (known === undefined) this.#ask(id, collectMs);
    else if (this.#old.has(id)) this.#ask(id, this.#random() * changeMs);
    return known;
  }

  /** The page missed events: people who are shown are asked for again. */
  renew(): void {
    if (this.store.value.size === 0) return;
    for (const id of this.store.value.keys()) this.#old.add(id);
    this.store.update((known) => new Map(known));
  }

  /** Keeps people whom the server has described elsewhere, as in a search. */
  learn(people: readonly WirePerson[]): void {
    this.#keep(people.map((person) => [person.id, person]));
  }

  /** A person has changed. */
  changed(id: string): void {
    if (this.store.value.has(id)) this.#ask(id, this.#random() * changeMs);
  }

  /** Asks again for all ids without an answer: the connection is open again. */
  retry(): void {
    const ids = [...this.#asked];
    this.#asked.clear();
    for (const id of ids) this.#ask(id, collectMs);
  }

  #ask(id: string, afterMs: number): void {
    if (this.#asked.has(id)) return;
    this.#asked.add(id);
    this.#waiting.add(id);
    if (this.#waiting.size === 1) this.#later(() => void this.#send(), afterMs);
  }

  async #send(): Promise<void> {
    const waiting = [...this.#waiting];
    this.#waiting = new Set();
    for (let from = 0; from < waiting.length; from += maxDescribed) {
      const ids = waiting.slice(from, from + maxDescribed);
      try {
        const people = new Map((await this.#describe(ids)).map((person) => [person.id, person]));
        for (const id of ids) this.#asked.delete(id);
        this.#keep(ids.map((id) => [id, people.get(id) ?? null]));
      } catch {
        // The ids stay asked until the connection is open again.
      }
    }
  }

  #keep(people: readonly (readonly [string, KnownPerson])[]): void {
    if (people.length === 0) return;
    this.store.update((known) => {
      const next = new Map(known);
      for (const [id, person] of people) {
        this.#old.delete(id);
        const before = known.get(id);
        if (before?.name && before.name !== person?.name) this.#keepFormer(before.name, id);
        // The newest are last.
        next.delete(id);
        next.set(id, person);
      }
      for (const id of next.keys()) {
        if (next.size <= maxKept) break;
        next.delete(id);
        this.#old.delete(id);
      }
      return next;
    });
  }

  #keepFormer(name: string, id: string): void {
    this.#former.set(name, id);
    this.#named.people = new Map();
    const [oldest = ''] = this.#former.keys();
    if (this.#former.size > maxKept) this.#former.delete(oldest);
  }
}
