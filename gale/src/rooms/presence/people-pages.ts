/**
 * The people of a room page by page, in order of their ids: so a page can follow any id, whether that person is still
 * here or not, and on any server. The order is made at most once per presence batch, and only if somebody asks.
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

  /** Takes in who has entered since the order was made. Until then only those who left are missing. */
  refresh(): void {
    this.#ids = undefined;
  }

  /** At most `limit` people after an id, or the first ones. Costs a binary search and the page. */
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

/** A page of people that are not kept. */
export function pageOfPeople(people: readonly Person[], after: string | undefined, limit: number): PeoplePage {
  return new PeoplePages(new Map(people.map((person) => [person.id, person]))).page(after, limit);
}

/** Index of the first id over another one. */
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
