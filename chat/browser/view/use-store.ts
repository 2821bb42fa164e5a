/** Draws a component again when a store changes; many changes of one moment are drawn once. */
import { useEffect, useReducer } from 'preact/hooks';
import type { Store } from '../state/store.ts';

/** At the latest after this time: a hidden page gets no frames, and its title has to be right. */
const latestMs = 100;

/** The store's value, now and after each change. */
export function useStore<Value>(store: Store<Value>): Value {
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
    // It may have changed between the first drawing and now.
    drawSoon();
    const stop = store.listen(drawSoon);
    return () => {
      stop();
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, [store]);
  return store.value;
}
