/**
 * The scroll position of a room. At the end it stays at the end when the size of the messages or of the window changes. Elsewhere what is on
 * the screen does not move, whatever is added, removed or resized above it. The style sheet turns off the same work of the browser, which
 * does not do it at the upper edge, and not in Safari.
 */
import type { SeenRange } from '../state/reading.ts';
import type { ViewPlace } from '../state/room-state.ts';

/** Largest distance from the end that counts as the end after the person scrolled. */
const endPx = 100;
/** The same after a resize. Positions are rounded to device pixels. */
const endAfterResizePx = 1;
/** Height of the read messages that stay visible above the unread line when a room opens. */
const readBeforePx = 56;
/** Rows whose place is kept: the next one, if the first is removed. */
const anchorCount = 4;

/** A row and its distance from the top of the window. */
interface Anchor {
  readonly row: Element;
  readonly top: number;
}

/** The scroll position of one opened room. */
export class RoomScroll {
  readonly #onEnd: (isAtEnd: boolean) => void;
  readonly #onMove: () => void;
  /** Whether the end of the rows is not that of the room. */
  isDetached = false;
  /** Whether rows are being added to a room that opens: who scrolls meanwhile leaves the end, however little. */
  isGrowing = false;
  #viewport: HTMLElement | undefined;
  /** Undefined until {@link open}. */
  #isAtEnd: boolean | undefined;
  /** Heights of the content and of the viewport, and the position, when the page was last known to be at the end. */
  #lastAtEnd = { scrollHeight: 0, clientHeight: 0, scrollTop: 0 };
  #anchors: readonly Anchor[] = [];
  /** The position to which the anchors belong. */
  #heldTop = 0;

  /**
   * @param onEnd - Called when the end is reached or left.
   * @param onMove - Called when other messages may be on screen.
   */
  constructor(onEnd: (isAtEnd: boolean) => void, onMove: () => void) {
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
      else {
        const nearPx = this.isGrowing ? endAfterResizePx : endPx;
        this.#setAtEnd(!this.isDetached && distanceFromEnd(viewport) <= nearPx);
      }
      this.hold();
      this.#onMove();
    };
    viewport.addEventListener('scroll', onScroll, { passive: true });
    const resizes = new ResizeObserver(() => {
      this.keep();
      if (this.#isAtEnd === false && !this.isDetached && distanceFromEnd(viewport) <= endAfterResizePx) {
        this.#setAtEnd(true);
        this.follow();
      }
      this.#onMove();
    });
    resizes.observe(viewport);
    resizes.observe(content);
    return () => {
      viewport.removeEventListener('scroll', onScroll);
      resizes.disconnect();
      this.#viewport = undefined;
    };
  }

  /** Where the room would be left now; undefined at its end. */
  get place(): ViewPlace | undefined {
    const viewport = this.#viewport;
    if (!viewport || this.#isAtEnd !== false) return undefined;
    const rows = rowsOf(viewport);
    const { top } = viewport.getBoundingClientRect();
    const row = rows[countUntil(rows, top)];
    if (!row) return undefined;
    return { kind: 'message', seq: seqOf(row), topPx: row.getBoundingClientRect().top - top };
  }

  /** Scrolls to a place whose rows are there. */
  open(place: ViewPlace): void {
    const viewport = this.#viewport;
    if (!viewport) return;
    this.#anchors = [];
    const line = viewport.querySelector<HTMLElement>('.unread-line');
    if (place.kind === 'message') this.#openMessage(viewport, place.seq, place.topPx);
    else if (place.kind === 'line' && line) this.#scrollBelowEdge(firstOfLine(line));
    else viewport.scrollTop = viewport.scrollHeight;
    const isAtEnd = !this.isDetached && (place.kind === 'end' || distanceFromEnd(viewport) <= endPx);
    this.#setAtEnd(isAtEnd);
    this.hold();
  }

  /** The messages on screen; undefined before {@link open}, or if there are none. */
  get seen(): SeenRange | undefined {
    const viewport = this.#viewport;
    if (!viewport || this.#isAtEnd === undefined) return undefined;
    const { top, bottom } = viewport.getBoundingClientRect();
    const rows = rowsOf(viewport);
    const first = rows[countUntil(rows, top)];
    const last = rows[countUntil(rows, bottom + 1) - 1];
    if (!first || !last) return undefined;
    const range = { first: seqOf(first), last: seqOf(last) };
    return range.first <= range.last ? range : undefined;
  }

  /** Whether there is less than one screen of messages above or below. */
  get isNear(): { readonly start: boolean; readonly end: boolean } {
    const viewport = this.#viewport;
    if (!viewport || this.#isAtEnd === undefined) return { start: false, end: false };
    return {
      start: viewport.scrollTop < viewport.clientHeight,
      end: distanceFromEnd(viewport) < viewport.clientHeight,
    };
  }

  /** Stays where it is, also at the end: a message is about to open, and its beginning must not move away. */
  leaveEnd(): void {
    if (this.#isAtEnd) this.#setAtEnd(false);
    this.hold();
  }

  /** Scrolls to the end again if it was there before. Call it when the content may have changed its size. */
  follow(): void {
    const viewport = this.#viewport;
    if (!this.#isAtEnd || !viewport) return;
    viewport.scrollTop = viewport.scrollHeight;
    this.#record(viewport);
  }

  /** Notes what is on the screen. Call it before rows are added or removed. */
  hold(): void {
    const viewport = this.#viewport;
    if (!viewport || this.#isAtEnd !== false) {
      this.#anchors = [];
      return;
    }
    // Something may have changed its size already, and the ResizeObserver runs later.
    this.#putBack(viewport);
    this.#heldTop = viewport.scrollTop;
    const rows = rowsOf(viewport);
    const first = countUntil(rows, viewport.getBoundingClientRect().top);
    this.#anchors = Array.from({ length: anchorCount }, (_, index) => rows[first + index]).flatMap((row) =>
      row ? [{ row, top: row.getBoundingClientRect().top }] : [],
    );
  }

  /** Moves what was on the screen back to its place, or the end to the lower edge. Call it after the rows have changed. */
  keep(): void {
    const viewport = this.#viewport;
    if (!viewport) return;
    if (this.#isAtEnd) {
      // The newest messages are not there any more, or the person scrolls and the event has not come yet.
      if (this.isDetached || this.#isLeft(viewport)) this.#setAtEnd(false);
      else this.follow();
    }
    if (this.#isAtEnd === false) this.hold();
  }

  /** Moves what was on the screen back to its place, but not by what the person has scrolled since. */
  #putBack(viewport: HTMLElement): void {
    const anchor = this.#anchors.find(({ row }) => row.isConnected);
    if (!anchor) return;
    // With less to scroll than that, it was the browser. Sizes are rounded.
    const isCut = this.#heldTop > viewport.scrollHeight - viewport.clientHeight + 1;
    const scrolledPx = isCut ? 0 : viewport.scrollTop - this.#heldTop;
    const movedPx = anchor.row.getBoundingClientRect().top + scrolledPx - anchor.top;
    if (Math.abs(movedPx) >= 1) viewport.scrollTop += movedPx;
  }

  /** A message that was left is put back; one to which the person goes is centred and lit. */
  #openMessage(viewport: HTMLElement, seq: number, topPx: number | undefined): void {
    const row = viewport.querySelector<HTMLElement>(`[data-seq="${seq}"]`);
    if (!row) return;
    const { top, height } = row.getBoundingClientRect();
    const edge = viewport.getBoundingClientRect().top;
    const wantedPx = topPx ?? Math.max(readBeforePx, (viewport.clientHeight - height) / 2);
    viewport.scrollTop += top - edge - wantedPx;
    if (topPx !== undefined) return;
    row.dataset['lit'] = '';
    row.addEventListener('animationend', () => delete row.dataset['lit'], { once: true });
    row.tabIndex = -1;
    row.focus({ preventScroll: true });
  }

  #scrollBelowEdge(top: number): void {
    const viewport = this.#viewport!;
    viewport.scrollTop += top - viewport.getBoundingClientRect().top - readBeforePx;
  }

  #record({ scrollHeight, clientHeight, scrollTop }: HTMLElement): void {
    this.#lastAtEnd = { scrollHeight, clientHeight, scrollTop };
  }

  #isResized({ scrollHeight, clientHeight }: HTMLElement): boolean {
    return scrollHeight !== this.#lastAtEnd.scrollHeight || clientHeight !== this.#lastAtEnd.clientHeight;
  }

  /** Whether the position is above the last end although no size explains it: a browser itself scrolls up only when there is less to scroll. */
  #isLeft({ scrollHeight, clientHeight, scrollTop }: HTMLElement): boolean {
    const last = this.#lastAtEnd;
    return (
      clientHeight === last.clientHeight && scrollHeight >= last.scrollHeight && scrollTop < last.scrollTop - endPx
    );
  }

  #setAtEnd(isAtEnd: boolean): void {
    if (isAtEnd === this.#isAtEnd) return;
    this.#isAtEnd = isAtEnd;
    this.#anchors = [];
    if (isAtEnd) this.#record(this.#viewport!);
    this.#onEnd(isAtEnd);
  }
}

function distanceFromEnd({ scrollHeight, scrollTop, clientHeight }: HTMLElement): number {
  return scrollHeight - scrollTop - clientHeight;
}

function rowsOf(viewport: HTMLElement): NodeListOf<HTMLElement> {
  return viewport.querySelectorAll<HTMLElement>('[data-seq]');
}

function seqOf(row: HTMLElement): number {
  return Number(row.dataset['seq']);
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

/** Top of the unread line in the window, or of the line of a day directly above it. */
function firstOfLine(line: HTMLElement): number {
  let first: Element = line;
  while (first.previousElementSibling?.matches('.day-line')) first = first.previousElementSibling;
  return first.getBoundingClientRect().top;
}
