/**
 * The live lane inside one process: who listens to which room, and the telling of them.
 * Every broker ends in one; what it brings from a store or another server is told here.
 */
import type { BrokerListener } from '../broker.ts';
import type { Logger } from '../../run/log.ts';
import type { RoomMessage } from '../stream.ts';

/** One call of `listen`; the same listener may listen twice. */
interface Place {
  readonly listener: BrokerListener;
}

/** Listeners by room. A listener that throws is logged and disturbs no other. */
export class LocalLane {
  readonly #log: Logger;
  readonly #rooms = new Map<string, Set<Place>>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Rooms with at least one listener. */
  get rooms(): Iterable<string> {
    return this.#rooms.keys();
  }

  /** Whether anyone listens to the room. */
  has(room: string): boolean {
    return this.#rooms.has(room);
  }

  /**
   * Adds a listener, which is told of everything from now on.
   *
   * @returns Takes it away again, at once and for good. Returns true if it was the room's last; a second call does nothing.
   */
  listen(room: string, listener: BrokerListener): () => boolean {
    const place: Place = { listener };
    let places = this.#rooms.get(room);
    if (!places) this.#rooms.set(room, (places = new Set()));
    places.add(place);
    return () => {
      const places = this.#rooms.get(room);
      if (!places?.delete(place) || places.size > 0) return false;
      this.#rooms.delete(room);
      return true;
    };
  }

  /** Tells the room of a stored message. */
  message(room: string, epoch: string, message: RoomMessage): void {
    this.#tell(room, (listener) => listener.onMessage(epoch, message));
  }

  /** Tells the room of a signal. */
  signal(room: string, data: unknown): void {
    this.#tell(room, (listener) => listener.onSignal(data));
  }

  /** Tells the room, or all rooms, that something may have been lost. */
  doubt(room?: string): void {
    for (const each of room === undefined ? this.#rooms.keys() : [room]) {
      this.#tell(each, (listener) => listener.onDoubt());
    }
  }

  /** Forgets all listeners. */
  clear(): void {
    for (const places of this.#rooms.values()) places.clear();
    this.#rooms.clear();
  }

  #tell(room: string, tell: (listener: BrokerListener) => void): void {
    for (const { listener } of this.#rooms.get(room) ?? []) {
      try {
        tell(listener);
      } catch (error) {
        this.#log.error({ error, room }, 'a listener of a room failed');
      }
    }
  }
}
