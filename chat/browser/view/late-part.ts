/**
 * What the page needs neither to show the first messages nor to send one: one file, which is loaded when the page is shown and idle, or earlier
 * if the person opens something of it. Everything else that is loaded later follows it, so that it works at once, and without a connection.
 */
import { useEffect, useState } from 'preact/hooks';
import { LazyPart } from './lazy-part.ts';

/** The content of late-parts.ts. */
export type LateParts = typeof import('./late-parts.ts');

/** Loads them. */
export const latePart: LazyPart<LateParts> = new LazyPart(() => import('./late-parts.ts'));

/** The late parts if they are loaded. @param isWanted - Whether they are loaded now. */
export function useLateParts(isWanted = true): LateParts | undefined {
  const [, setLoaded] = useState(latePart.loaded);
  const isMissing = isWanted && !latePart.loaded;
  useEffect(() => {
    if (isMissing) void latePart.untilLoaded().then(setLoaded);
  }, [isMissing]);
  return latePart.loaded;
}

/** Longest wait for an idle moment, in milliseconds. */
const maxIdleWaitMs = 2000;

/** Whether the page was idle since the condition became true. */
export function useIdle(condition: boolean): boolean {
  const [isIdle, setIdle] = useState(false);
  useEffect(() => {
    if (!condition || isIdle) return undefined;
    const set = (): void => setIdle(true);
    // Safari has no idle callbacks.
    if (typeof requestIdleCallback !== 'function') {
      const timer = setTimeout(set, maxIdleWaitMs);
      return () => clearTimeout(timer);
    }
    const callback = requestIdleCallback(set, { timeout: maxIdleWaitMs });
    return () => cancelIdleCallback(callback);
  }, [condition, isIdle]);
  return isIdle;
}
