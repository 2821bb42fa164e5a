/** Renders a component again when a store changes. Changes within one frame cause one render. */
import { useEffect, useReducer } from 'preact/hooks';
import type { Store } from '../state/store.ts';

/** Longest delay of a render. A hidden page gets no animation frames, but its title must stay correct. */
const latestMs = 100;

/**
 * @param isUrgent - Whether a change is drawn at once, before the next event of the person.
 * @returns The value of the store. The component renders again after each change.
 */
export function useStore<Value>(store: Store<Value>, isUrgent?: (before: Value, after: Value) => boolean): Value {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    let frame = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const drawNow = (): void => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      timer = undefined;
      draw(undefined);
    };
    const drawSoon = (): void => {
      if (timer !== undefined) return;
      frame = requestAnimationFrame(drawNow);
      timer = setTimeout(drawNow, latestMs);
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
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, [store]);
  return store.value;
}
