/**
 * The people of a room in pages, ordered by id. A page can follow any id, also of a person who left, on any server.
 * The order is computed on demand, at most once per presence batch.
 */
import type { PeoplePage } from './room-people.ts';
import type { Person } from '../stream.ts';

/** Pages over a map of people that changes. */
export class PeoplePages {
  readonly #people: ReadonlyMap<string, Person>;
  #ids: readonly string[] | undefined;

  /** @param people - By id. */
  constructor(people: ReadonlyMap<string, Person>) {
    this.#people = people;
  }

  /** Drops the order, so that the next page contains people who entered meanwhile. People who left are skipped at once. */
  refresh(): void {
    this.#ids = undefined;
  }

  /** At most `limit` people after an id, or the first people. Costs a binary search and the page. */
  page(after: string | undefined, limit: number): PeoplePage {
    this.#ids ??= [...this.#people.keys()].sort();
    const ids = this.#ids;
    const people: Person[] = [];
    let index = after === undefined ? 0 : firstOver(ids, after);
    for (; index < ids.length && people.length < limit; index++) {
      const person = this.#people.get(ids[index]!);
      if (person) people.push(person);
    }
    return { count: this.#people.size, people, next: index < ids.length ? (ids[index - 1] ?? null) : null };
  }
}

/** A page of a list of people. */
export function pageOfPeople(people: readonly Person[], after: string | undefined, limit: number): PeoplePage {
  return new PeoplePages(new Map(people.map((person) => [person.id, person]))).page(after, limit);
}

/** Index of the first id greater than another one. */
function firstOver(ids: readonly string[], after: string): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ids[middle]! <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}
