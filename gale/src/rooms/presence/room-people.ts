/** Presence data of a room: the list of people, its changes, and pages. Types only. */
import type { Person } from '../stream.ts';

/** The people in a room at one moment. Subscribers share one object. */
export interface RoomPeople {
  readonly room: string;
  /** How many people are in the room. */
  readonly count: number;
  /** All people in order of entry. Undefined in a room with counts only. */
  readonly people: readonly Person[] | undefined;
}

/** Changes of the people in a room. Subscribers share one object. */
export interface PresenceBatch {
  readonly room: string;
  /** How many people are in the room now. */
  readonly count: number;
  /** People who entered since the last batch, each once. Undefined in a room with counts only. */
  readonly entered: readonly Person[] | undefined;
  /** People who left since the last batch, each once. Undefined together with `entered`. */
  readonly left: readonly Person[] | undefined;
}

/** One page of the people in a room. */
export interface PeoplePage {
  /** How many people are in the room. */
  readonly count: number;
  /** The people of this page. */
  readonly people: readonly Person[];
  /** Pass this as `after` to get the next page. Null after the last page. */
  readonly next: string | null;
}
