/** Parts of the page that are loaded when they are first needed, so that the first load stays small. */
import { useCallback, useEffect, useState } from 'preact/hooks';

/** Wait after a failure, in milliseconds. */
const retryMs = 2000;

/** A module that is loaded once. */
export class LazyPart<Module> {
  readonly #import: () => Promise<Module>;
  #loaded: Module | undefined;
  #loading: Promise<Module> | undefined;
  /** The address of the file after a failure. Browsers keep the failure of an address (the module map of HTML), so the next try needs another one. */
  #failed: URL | undefined;
  #tries = 0;
  readonly #listeners = new Set<() => void>();

  /** @param importPart - A function with the `import()`, from which the build makes a file. */
  constructor(importPart: () => Promise<Module>) {
    this.#import = importPart;
  }

  /** The module, if it is loaded. */
  get loaded(): Module | undefined {
    return this.#loaded;
  }

  /** Loads the module. A failure, as without a connection, is no error: the result is undefined, and the next call tries again. */
  async load(): Promise<Module | undefined> {
    this.#loading ??= this.#failed ? this.#importAgain(this.#failed) : this.#import();
    try {
      const module = await this.#loading;
      const isFirst = this.#loaded === undefined;
      this.#loaded = module;
      if (isFirst) for (const listener of this.#listeners) listener();
      return module;
    } catch (error) {
      this.#loading = undefined;
      this.#failed ??= fileOf(error);
      return undefined;
    }
  }

  /** Calls a function when something has loaded the module, at once if it is loaded. @returns A function that forgets it. */
  onLoaded(listener: () => void): () => void {
    if (this.#loaded) listener();
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Loads the module; after a failure, such as without a connection, it tries again until it is loaded. */
  async untilLoaded(): Promise<Module> {
    for (;;) {
      const module = await this.load();
      if (module !== undefined) return module;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }

  async #importAgain(file: URL): Promise<Module> {
    this.#tries += 1;
    return (await import(/* @vite-ignore */ `${file.pathname}?try=${this.#tries}`)) as Module;
  }
}

/** The address at the end of the message of Chromium and Firefox. Safari has none, and the first address is tried again. */
function fileOf(error: unknown): URL | undefined {
  const [address] = /https?:\/\/\S+\.js$/.exec(error instanceof Error ? error.message : '') ?? [];
  if (address === undefined) return undefined;
  const file = new URL(address);
  return file.origin === location.origin ? file : undefined;
}

/** The dialogs of the rooms, with the list of the quick switcher. */
export const dialogsPart: LazyPart<typeof import('../dialogs/room-dialogs.tsx')> = new LazyPart(
  () => import('../dialogs/room-dialogs.tsx'),
);

/** A part as a component sees it. */
export interface UsedPart<Module> {
  /** Undefined until it is loaded. */
  readonly module: Module | undefined;
  readonly hasFailed: boolean;
  readonly retry: () => void;
}

/** Loads a part for a component as soon as the component wants it. Each new use tries again after a failure. */
export function useLazyPart<Module>(part: LazyPart<Module>, isWanted = true): UsedPart<Module> {
  const [, setTries] = useState(0);
  const [hasFailed, setFailed] = useState(false);
  const { loaded } = part;
  const retry = useCallback(() => {
    setFailed(false);
    void part.load().then((module) => {
      setFailed(!module);
      setTries((tries) => tries + 1);
    });
  }, [part]);
  const isMissing = isWanted && !loaded;
  useEffect(() => {
    if (isMissing) retry();
  }, [isMissing]);
  return { module: loaded, hasFailed: hasFailed && !loaded, retry };
}

const inputs = ['pointermove', 'pointerdown', 'keydown'] as const;

/** Loads parts at the first input of the person: what they may open is then there, and the first load is only what is shown. */
export function loadAtFirstInput(parts: readonly LazyPart<unknown>[]): () => void {
  const stop = (): void => inputs.forEach((type) => document.removeEventListener(type, load, true));
  const load = (): void => {
    stop();
    for (const part of parts) void part.load();
  };
  for (const type of inputs) document.addEventListener(type, load, { capture: true, passive: true });
  return stop;
}
