/** The storage of the browser, or one in memory if the browser denies access. */
import type { KeyStorage } from './stored-entries.ts';

/** Opens the storage to use. */
export function openStorage(): KeyStorage {
  try {
    const { localStorage } = globalThis;
    localStorage.getItem('');
    return localStorage;
  } catch {
    return new MemoryStorage();
  }
}

/** Opens the storage of this window. */
export function openWindowStorage(): KeyStorage {
  try {
    const { sessionStorage } = globalThis;
    sessionStorage.getItem('');
    return sessionStorage;
  } catch {
    return new MemoryStorage();
  }
}

/** A storage in memory. */
export class MemoryStorage implements KeyStorage {
  readonly #values = new Map<string, string>();

  get length(): number {
    return this.#values.size;
  }

  key(index: number): string | null {
    return [...this.#values.keys()][index] ?? null;
  }

  getItem(key: string): string | null {
    return this.#values.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#values.set(key, value);
  }

  removeItem(key: string): void {
    this.#values.delete(key);
  }
}
