/** Typed listeners. An error of a listener does not reach the other listeners or the client: it is an uncaught exception. */

/** Calls the listeners of a named event. `Events` maps each name to the object that the listeners get. */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<PropertyKey, Set<(event: never) => void>>();

  /** Adds a listener. @returns Removes it. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    let listeners = this.#listeners.get(name);
    if (!listeners) this.#listeners.set(name, (listeners = new Set()));
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
