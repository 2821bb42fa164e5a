/** What is sent about the people of a room: the list, its changes, and pages of it. Types only. */
import type { Person } from '../stream.ts';

/** Who is in a room at one moment. All subscribers that get it share one object. */
export interface RoomPeople {
  readonly room: string;
  /** How many people are in the room. */
  readonly count: number;
  /** All of them, in order of entry; undefined in a room that gets counts only. */
  readonly people: readonly Person[] | undefined;
}

/** How the people of a room changed. All subscribers share one object. */
export interface PresenceBatch {
  readonly room: string;
  /** How many people are in the room now. */
  readonly count: number;
  /** People who entered since the last batch, each once; undefined in a room that gets counts only. */
  readonly entered: readonly Person[] | undefined;
  /** People who left since the last batch, each once; undefined together with `entered`. */
  readonly left: readonly Person[] | undefined;
}

/** One page of the people in a room. */
export interface PeoplePage {
  /** How many people are in the room. */
  readonly count: number;
  /** The people of this page. */
  readonly people: readonly Person[];
  /** What to ask for the next page with, as `after`; null after the last page. */
  readonly next: string | null;
}
