/** Where this window left its rooms, so that they open there again, also after a reload, and what was read just before the reload. */
import type { ViewPlace } from '../state/room-state.ts';

/** Most rooms; those that were left first are forgotten. */
const maxPlaces = 50;
const key = 'places';
const heldKey = 'held';
const readsKey = 'reads';
/** For how long positions are kept, in milliseconds: the server may not have them when the page loads again. */
const readsMs = 10_000;

export class Places {
  readonly #storage: Pick<Storage, 'getItem' | 'setItem'>;
  readonly #places: Map<string, ViewPlace>;
  #held: string | undefined;

  /** @param storage - That of the window. */
  constructor(storage: Pick<Storage, 'getItem' | 'setItem'>) {
    this.#storage = storage;
    this.#places = new Map(parse<[string, ViewPlace][]>(storage.getItem(key)));
    this.#held = storage.getItem(heldKey) || undefined;
  }

  /** Keeps read positions of a person by room, for the page that follows at once. @param now - Milliseconds since 1970. */
  keepReads(person: string, positions: ReadonlyMap<string, number>, now: number): void {
    this.#storage.setItem(readsKey, JSON.stringify([person, now, ...positions] satisfies Reads));
  }

  /** The kept read positions; none if they are old or those of somebody else. */
  reads(person: string, now: number): readonly RoomRead[] {
    const [who, at, ...positions] = parse<Reads>(this.#storage.getItem(readsKey)) ?? ['', 0];
    return who === person && Math.abs(now - at) < readsMs ? positions : [];
  }

  /** The open room in which the person has marked messages as unread, so that nothing is read there. */
  get held(): string | undefined {
    return this.#held;
  }

  hold(room: string | undefined): void {
    if (room === this.#held) return;
    this.#held = room;
    this.#storage.setItem(heldKey, room ?? '');
  }

  get(room: string): ViewPlace | undefined {
    return this.#places.get(room);
  }

  /** @param place - Undefined: the end. */
  set(room: string, place: ViewPlace | undefined): void {
    if (place === undefined && !this.#places.has(room)) return;
    this.#places.delete(room);
    if (place) this.#places.set(room, place);
    for (const oldest of this.#places.keys()) {
      if (this.#places.size <= maxPlaces) break;
      this.#places.delete(oldest);
    }
    this.#storage.setItem(key, JSON.stringify([...this.#places]));
  }
}

type RoomRead = readonly [room: string, seq: number];
type Reads = readonly [person: string, at: number, ...positions: RoomRead[]];

/** Undefined for what is not there or no JSON. */
function parse<Value>(stored: string | null): Value | undefined {
  try {
    return JSON.parse(stored ?? '') as Value;
  } catch {
    return undefined;
  }
}
