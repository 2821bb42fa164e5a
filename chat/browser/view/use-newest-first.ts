/** Shows a room that opens at its end: the newest rows at once, and the rows above them in the next frames, so that nobody waits for them. */
import { useEffect, useState } from 'preact/hooks';
import { inNextFrame } from '../session/next-frame.ts';
import type { ViewPlace } from '../state/room-state.ts';

/** Rows of the first frame: more than a screen of short messages. */
const firstRows = 25;
/** Rows that each further frame adds. */
const rowsPerFrame = 15;

/**
 * @param place - Where the room opens; undefined until it is known. Only the end needs no rows above it.
 * @returns The rows to render. From the moment that they are all of them, they remain so.
 */
export function useNewestFirst<Row>(rows: readonly Row[], place: ViewPlace | undefined): readonly Row[] {
  const [count, setCount] = useState(firstRows);
  const isWhole = count >= rows.length || (place !== undefined && place.kind !== 'end');
  useEffect(() => {
    if (place === undefined || count === Infinity) return undefined;
    if (isWhole) {
      setCount(Infinity);
      return undefined;
    }
    return inNextFrame(() => setCount(count + rowsPerFrame));
  }, [place, count, isWhole]);
  return isWhole ? rows : rows.slice(-count);
}
