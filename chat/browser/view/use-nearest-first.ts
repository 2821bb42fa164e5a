/**
 * Shows a room that opens: the rows at its place at once, and the others in the next frames, so that nobody waits for them. Each step is
 * after a frame, so that input comes between.
 */
import { useEffect, useState } from 'preact/hooks';
import { afterNextFrame } from '../session/next-frame.ts';
import type { ViewPlace } from '../state/room-state.ts';

/** Rows of the first frame after the place, or before the end: more than a screen of short messages. */
const firstRows = 25;
/** Rows before the place in the first frame. */
const rowsBefore = 8;
/** Rows that each further frame adds on a side. */
const rowsPerFrame = 15;

/** A row that can be the unread line. */
interface Row {
  readonly kind: string;
}

/** The rows that are rendered now. */
export interface NearestRows<R> {
  readonly rows: readonly R[];
  /** Whether rows are missing above or below. */
  readonly isPart: boolean;
  readonly isCutBelow: boolean;
}

/**
 * @param place - Where the room opens; undefined until it is known. A single message needs all rows.
 * @param beforeMore - Called before rows are added.
 * @returns From the moment that the rows are all of them, they remain so.
 */
export function useNearestFirst<R extends Row>(
  all: readonly R[],
  place: ViewPlace | undefined,
  beforeMore: () => void,
): NearestRows<R> {
  const [more, setMore] = useState(0);
  const line = place?.kind === 'line' ? all.findIndex(({ kind }) => kind === 'unread') : -1;
  const [from, to] =
    line < 0 ? [all.length - firstRows - more, all.length] : [line - rowsBefore - more, line + firstRows + more];
  const isWhole = (from <= 0 && to >= all.length) || place?.kind === 'message';
  useEffect(() => {
    if (place === undefined || more === Infinity) return undefined;
    if (isWhole) {
      setMore(Infinity);
      return undefined;
    }
    return afterNextFrame(() => {
      beforeMore();
      setMore(more + rowsPerFrame);
    });
  }, [place, more, isWhole]);
  if (isWhole) return { rows: all, isPart: false, isCutBelow: false };
  return { rows: all.slice(Math.max(0, from), to), isPart: true, isCutBelow: to < all.length };
}
