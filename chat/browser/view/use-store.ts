/** Renders a component again when a store changes. Changes within one frame cause one render. */
import { useEffect, useReducer } from 'preact/hooks';
import { inNextFrame } from '../session/next-frame.ts';
import type { Store } from '../state/store.ts';

/**
 * @param isUrgent - Whether a change is drawn at once, before the next event of the person.
 * @returns The value of the store. The component renders again after each change.
 */
export function useStore<Value>(store: Store<Value>, isUrgent?: (before: Value, after: Value) => boolean): Value {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    let cancel: (() => void) | undefined;
    const drawNow = (): void => {
      cancel?.();
      cancel = undefined;
      draw(undefined);
    };
    const drawSoon = (): void => {
      cancel ??= inNextFrame(drawNow);
    };
    // The value may have changed between the first render and this effect.
    drawSoon();
    let last = store.value;
    const stop = store.listen(() => {
      const before = last;
      last = store.value;
      if (isUrgent?.(before, last)) drawNow();
      else drawSoon();
    });
    return () => {
      stop();
      cancel?.();
    };
  }, [store]);
  return store.value;
}
