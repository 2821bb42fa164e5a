/** What a screen reader is told: the last announcements, each with a key of its own. */
import { Announcements, type Announcement } from '../state/announcements.ts';
import type { Store } from '../state/store.ts';

/** An announcement among others. */
export type Told = Announcement & { readonly key: number };

/** Announcements that stay where a screen reader finds them. */
const keptAnnouncements = 10;

/** Makes what decides when to tell; it tells by putting the announcement into the store. */
export function createAnnouncer(told: Store<readonly Told[]>): Announcements {
  return new Announcements(
    (announcement) =>
      told.update((earlier) => [
        ...earlier.slice(1 - keptAnnouncements),
        { ...announcement, key: (earlier.at(-1)?.key ?? 0) + 1 },
      ]),
    (then, afterMs) => void setTimeout(then, afterMs),
  );
}
