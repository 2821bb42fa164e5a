/**
 * The scroll position of a room. At the end it stays at the end when the size of the messages or of the window changes.
 * Elsewhere it does not move. A room that was left in the middle reopens at the same place.
 */

import type { SeenRange } from '../state/reading.ts';

/** Largest distance from the end that counts as the end after the person scrolled. */
const endPx = 100;
/** The same after a resize. Positions are rounded to device pixels. */
const endAfterResizePx = 1;
/** Height of the read messages that stay visible above the unread line when a room opens. */
const readBeforePx = 56;

/** Scroll offset from the top, by room, of rooms that were not left at their end. */
const leftAt = new Map<string, number>();

/** The scroll position of one opened room. */
export class RoomScroll {
  readonly #roomId: string;
  readonly #onEnd: (isAtEnd: boolean) => void;
  readonly #onMove: () => void;
  #viewport: HTMLElement | undefined;
  /** Undefined until {@link open}. */
  #isAtEnd: boolean | undefined;
  /** Heights of the content and of the viewport when the page was last known to be at the end. */
  #sizeAtEnd = { scrollHeight: 0, clientHeight: 0 };

  /**
   * @param onEnd - Called when the end is reached or left.
   * @param onMove - Called when other messages may be on screen.
   */
  constructor(roomId: string, onEnd: (isAtEnd: boolean) => void, onMove: () => void) {
    this.#roomId = roomId;
    this.#onEnd = onEnd;
    this.#onMove = onMove;
  }

  /** Whether the newest message is visible; false before {@link open}. */
  get isAtEnd(): boolean {
    return this.#isAtEnd === true;
  }

  /** Attaches to the elements. @returns A function that detaches. */
  attach(viewport: HTMLElement, content: HTMLElement): () => void {
    this.#viewport = viewport;
    const onScroll = (): void => {
      if (this.#isAtEnd === undefined) return;
      // A browser dispatches this event before the ResizeObserver runs, and may have scrolled because of the new size itself.
      if (this.#isAtEnd && this.#isResized(viewport)) this.follow();
      else this.#setAtEnd(distanceFromEnd(viewport) <= endPx);
      this.#onMove();
    };
    viewport.addEventListener('scroll', onScroll, { passive: true });
    let { top } = viewport.getBoundingClientRect();
    const resizes = new ResizeObserver(() => {
      // A banner above the messages has appeared or disappeared. They keep their place on the screen.
      const before = top;
      ({ top } = viewport.getBoundingClientRect());
      if (this.#isAtEnd === false && top !== before) viewport.scrollTop += top - before;
      if (this.#isAtEnd === false && distanceFromEnd(viewport) <= endAfterResizePx) this.#setAtEnd(true);
      this.follow();
      this.#onMove();
    });
    resizes.observe(viewport);
    resizes.observe(content);
    return () => {
      viewport.removeEventListener('scroll', onScroll);
      resizes.disconnect();
      if (this.#isAtEnd === false) leftAt.set(this.#roomId, viewport.scrollTop);
      else leftAt.delete(this.#roomId);
      this.#viewport = undefined;
    };
  }

  /** Scrolls to the unread line, else to where the room was left, else to the end. Call it when the messages are loaded. */
  open(): void {
    const viewport = this.#viewport;
    if (!viewport || this.#isAtEnd !== undefined) return;
    const line = viewport.querySelector<HTMLElement>('.unread-line');
    if (line) this.#scrollBelowEdge(firstOfLine(line));
    else viewport.scrollTop = leftAt.get(this.#roomId) ?? viewport.scrollHeight;
    this.#setAtEnd(distanceFromEnd(viewport) <= endPx);
  }

  /** The messages on screen; undefined before {@link open}, or if there are none. */
  get seen(): SeenRange | undefined {
    const viewport = this.#viewport;
    if (!viewport || this.#isAtEnd === undefined) return undefined;
    const { top, bottom } = viewport.getBoundingClientRect();
    const rows = viewport.querySelectorAll<HTMLElement>('[data-offset]');
    const first = rows[countUntil(rows, top)];
    const last = rows[countUntil(rows, bottom + 1) - 1];
    const range = { first: Number(first?.dataset['offset']), last: Number(last?.dataset['offset']) };
    return range.first <= range.last ? range : undefined;
  }

  /** Scrolls so that a message is below the upper edge. */
  toMessage(offset: number): void {
    const row = this.#viewport?.querySelector(`[data-offset="${offset}"]`);
    if (row) this.#scrollBelowEdge(row.getBoundingClientRect().top);
  }

  /** Scrolls to the end and stays there. */
  toEnd(): void {
    if (this.#isAtEnd === undefined) return;
    this.#setAtEnd(true);
    this.follow();
  }

  /** Stays where it is, also at the end: a message is about to open, and its beginning must not move away. */
  leaveEnd(): void {
    if (this.#isAtEnd) this.#setAtEnd(false);
  }

  /** Scrolls to the end again if it was there before. Call it when the content may have changed its size. */
  follow(): void {
    const viewport = this.#viewport;
    if (!this.#isAtEnd || !viewport) return;
    viewport.scrollTop = viewport.scrollHeight;
    this.#recordSize(viewport);
  }

  #scrollBelowEdge(top: number): void {
    const viewport = this.#viewport!;
    viewport.scrollTop += top - viewport.getBoundingClientRect().top - readBeforePx;
  }

  #recordSize({ scrollHeight, clientHeight }: HTMLElement): void {
    this.#sizeAtEnd = { scrollHeight, clientHeight };
  }

  #isResized({ scrollHeight, clientHeight }: HTMLElement): boolean {
    return scrollHeight !== this.#sizeAtEnd.scrollHeight || clientHeight !== this.#sizeAtEnd.clientHeight;
  }

  #setAtEnd(isAtEnd: boolean): void {
    if (isAtEnd === this.#isAtEnd) return;
    this.#isAtEnd = isAtEnd;
    if (isAtEnd) this.#recordSize(this.#viewport!);
    this.#onEnd(isAtEnd);
  }
}

function distanceFromEnd({ scrollHeight, scrollTop, clientHeight }: HTMLElement): number {
  return scrollHeight - scrollTop - clientHeight;
}

/** Number of rows, from the first, whose end is at or above a height. */
function countUntil(rows: NodeListOf<HTMLElement>, height: number): number {
  let [least, most] = [0, rows.length];
  while (least < most) {
    const middle = (least + most) >> 1;
    if (rows[middle]!.getBoundingClientRect().bottom <= height) least = middle + 1;
    else most = middle;
  }
  return least;
}

/** Top of the unread line in the window, or of the day and dropped lines directly above it. */
function firstOfLine(line: HTMLElement): number {
  let first: Element = line;
  while (first.previousElementSibling?.matches('.day-line, .dropped-line')) first = first.previousElementSibling;
  return first.getBoundingClientRect().top;
}
