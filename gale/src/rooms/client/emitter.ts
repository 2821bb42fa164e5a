/** Typed listeners. An error of a listener does not reach the other listeners or the client: it is an uncaught exception. */

import { listChoices, wrongValue } from '../../run/given-options.ts';

/** Calls the listeners of a named event. `Events` maps each name to the object that the listeners get. */
export class Emitter<Events extends object> {
  readonly #listeners: ReadonlyMap<PropertyKey, Set<(event: never) => void>>;

  /** @param names - All names of `Events`. */
  constructor(names: readonly (keyof Events & string)[]) {
    this.#listeners = new Map(names.map((name) => [name, new Set()]));
  }

  /**
   * Adds a listener.
   *
   * @returns Removes it.
   * @throws {@link GaleError} `OPTION_VALUE` for an unknown name, or a listener that is not a function.
   */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name);
    if (!listeners) throw wrongValue('name of an event', listChoices([...this.#listeners.keys()].map(String)), name);
    if (typeof listener !== 'function') throw wrongValue('listener', 'a function', listener);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /** Calls the listeners in the order they were added. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        (listener as (event: Events[Name]) => void)(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
