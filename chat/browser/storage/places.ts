/** Where this window left its rooms, so that they open there again; also after a reload. */
import type { ViewPlace } from '../state/room-state.ts';

/** Most rooms; those that were left first are forgotten. */
const maxPlaces = 50;
const key = 'places';
const heldKey = 'held';

export class Places {
  readonly #storage: Pick<Storage, 'getItem' | 'setItem'>;
  readonly #places: Map<string, ViewPlace>;
  #held: string | undefined;

  /** @param storage - That of the window. */
  constructor(storage: Pick<Storage, 'getItem' | 'setItem'>) {
    this.#storage = storage;
    this.#places = new Map(read(storage.getItem(key)));
    this.#held = storage.getItem(heldKey) || undefined;
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

function read(stored: string | null): [string, ViewPlace][] {
  try {
    return JSON.parse(stored ?? '[]') as [string, ViewPlace][];
  } catch {
    return [];
  }
}
