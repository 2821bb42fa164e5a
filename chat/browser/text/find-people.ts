/** Finds people by a part of their name. */
import type { Person } from 'gale/client';

/** @returns The people whose name has all words of the query, in any order, without regard to case, accents and width. */
export function findPeople<Each extends Person>(people: readonly Each[], query: string): readonly Each[] {
  const words = toComparable(query)
    .split(/\s+/u)
    .filter((word) => word !== '');
  return words.length === 0
    ? people
    : people.filter(({ name }) => {
        const comparable = toComparable(name);
        return words.every((word) => comparable.includes(word));
      });
}

function toComparable(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLocaleLowerCase();
}
