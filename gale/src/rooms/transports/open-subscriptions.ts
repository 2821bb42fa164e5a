/** The subscriptions of one connection by room. Most connections have one or none, so that one needs no map. */
import type { Subscription } from '../subscription.ts';

/** Subscriptions by room. */
export class OpenSubscriptions {
  #room = '';
  #first: Subscription | undefined;
  #others: Map<string, Subscription> | undefined;

  get size(): number {
    return (this.#first ? 1 : 0) + (this.#others?.size ?? 0);
  }

  get(room: string): Subscription | undefined {
    return this.#first && this.#room === room ? this.#first : this.#others?.get(room);
  }

  /** Adds a subscription, or replaces that of its room. */
  set(room: string, subscription: Subscription): void {
    if (this.#others?.has(room) || (this.#first && this.#room !== room)) {
      this.#others ??= new Map();
      this.#others.set(room, subscription);
      return;
    }
    this.#room = room;
    this.#first = subscription;
  }

  /** @returns Whether there was one. */
  delete(room: string): boolean {
    if (!this.#first || this.#room !== room) return this.#others?.delete(room) ?? false;
    this.#first = undefined;
    return true;
  }

  /** Removes all. @returns What they were. */
  clear(): [room: string, subscription: Subscription][] {
    const all: [string, Subscription][] = this.#first ? [[this.#room, this.#first]] : [];
    all.push(...(this.#others ?? []));
    this.#first = undefined;
    this.#others = undefined;
    return all;
  }
}
