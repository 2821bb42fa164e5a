/** The announcements for a screen reader: the newest ones, each with its own key. */
import { Announcements, type Announcement } from '../state/announcements.ts';
import type { Store } from '../state/store.ts';

/** An announcement in the list of the page. */
export type KeyedAnnouncement = Announcement & { readonly key: number };

/** Announcements that stay on the page. */
const keptAnnouncements = 10;

/** Creates the announcements of a page. Due ones go to the store. */
export function createAnnouncer(kept: Store<readonly KeyedAnnouncement[]>): Announcements {
  return new Announcements(
    (announcement) =>
      kept.update((earlier) => [
        ...earlier.slice(1 - keptAnnouncements),
        { ...announcement, key: (earlier.at(-1)?.key ?? 0) + 1 },
      ]),
    (then, afterMs) => void setTimeout(then, afterMs),
  );
}
