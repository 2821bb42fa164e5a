/**
 * Live delivery inside one process: the listeners of each room.
 * Every broker has a dispatcher, and passes it messages and signals from its store or from other servers.
 */
import type { BrokerListener } from '../broker.ts';
import type { Logger } from '../../run/log.ts';
import type { RoomMessage } from '../stream.ts';

/** One call of `listen`; the same listener may listen twice. */
interface Place {
  /** Undefined after its removal, since a notification under way may still reach this place. */
  listener: BrokerListener | undefined;
  /** The next place of the room. Most rooms have one listener only, so a room needs no set. */
  next: Place | undefined;
}

/** Listeners by room. An error of a listener is logged and does not affect the others. */
export class LocalDispatcher {
  readonly #log: Logger;
  readonly #rooms = new Map<string, Place>();

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
   * Adds a listener, which is notified from now on.
   *
   * @returns A function that removes it at once. It returns true if it was the last listener of the room. A second call does nothing.
   */
  listen(room: string, listener: BrokerListener): () => boolean {
    const place = this.#add(room, listener);
    return () => this.#remove(room, place);
  }

  /** As {@link listen}, as a broker returns it. There is a listener for each person who is connected, so it has one closure only. */
  listenAlone(room: string, listener: BrokerListener): () => Promise<void> {
    const place = this.#add(room, listener);
    return async () => void this.#remove(room, place);
  }

  /** Notifies the listeners of a room of a stored message. */
  message(room: string, epoch: string, message: RoomMessage): void {
    this.#notify(room, (listener) => listener.onMessage(epoch, message));
  }

  /** Notifies the listeners of a room of an amended message. */
  amend(room: string, epoch: string, message: RoomMessage): void {
    this.#notify(room, (listener) => listener.onAmend(epoch, message));
  }

  /** Notifies the listeners of a room of a signal. */
  signal(room: string, data: unknown): void {
    this.#notify(room, (listener) => listener.onSignal(data));
  }

  /** Notifies the listeners of a room, or of all rooms, that messages may have been lost. */
  doubt(room?: string): void {
    for (const each of room === undefined ? this.#rooms.keys() : [room]) {
      this.#notify(each, (listener) => listener.onDoubt());
    }
  }

  /** Removes all listeners. */
  clear(): void {
    for (const first of this.#rooms.values()) {
      for (let place: Place | undefined = first; place; place = place.next) place.listener = undefined;
    }
    this.#rooms.clear();
  }

  #add(room: string, listener: BrokerListener): Place {
    const place: Place = { listener, next: undefined };
    let last = this.#rooms.get(room);
    if (!last) this.#rooms.set(room, place);
    else {
      while (last.next) last = last.next;
      last.next = place;
    }
    return place;
  }

  /** @returns Whether it was the last listener of the room. */
  #remove(room: string, place: Place): boolean {
    place.listener = undefined;
    const first = this.#rooms.get(room);
    if (first === place) {
      if (!place.next) return this.#rooms.delete(room);
      this.#rooms.set(room, place.next);
      return false;
    }
    // `place` keeps its `next`, for a notification under way.
    for (let before = first; before; before = before.next) if (before.next === place) before.next = place.next;
    return false;
  }

  #notify(room: string, call: (listener: BrokerListener) => void): void {
    for (let place = this.#rooms.get(room); place; place = place.next) {
      try {
        if (place.listener) call(place.listener);
      } catch (error) {
        this.#log.error({ err: error, room }, 'A listener of a room failed');
      }
    }
  }
}
