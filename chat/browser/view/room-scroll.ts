/**
 * The scroll position of a room. At the end it stays at the end when the content grows or shrinks. Elsewhere it does not move.
 * A room that was left in the middle reopens at the same place.
 */

/** Largest distance from the end that counts as the end. */
const endPx = 100;
/** Height of the read messages that stay visible above the unread line when a room opens. */
const readBeforePx = 56;

/** Scroll offset from the top, by room, of rooms that were not left at their end. */
const leftAt = new Map<string, number>();

/** The scroll position of one opened room. */
export class RoomScroll {
  readonly #roomId: string;
  readonly #onEnd: (isAtEnd: boolean) => void;
  #viewport: HTMLElement | undefined;
  /** Undefined until {@link open}. */
  #isAtEnd: boolean | undefined;

  /** @param onEnd - Called when the end is reached or left. */
  constructor(roomId: string, onEnd: (isAtEnd: boolean) => void) {
    this.#roomId = roomId;
    this.#onEnd = onEnd;
  }

  /** Whether the newest message is visible; false before {@link open}. */
  get isAtEnd(): boolean {
    return this.#isAtEnd === true;
  }

  /** Attaches to the elements. @returns A function that detaches. */
  attach(viewport: HTMLElement, content: HTMLElement): () => void {
    this.#viewport = viewport;
    const onScroll = (): void => {
      if (this.#isAtEnd !== undefined) this.#setAtEnd(this.#measure());
    };
    viewport.addEventListener('scroll', onScroll, { passive: true });
    const resizes = new ResizeObserver(() => this.follow());
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
    if (line) viewport.scrollTop += firstOfLine(line) - viewport.getBoundingClientRect().top - readBeforePx;
    else viewport.scrollTop = leftAt.get(this.#roomId) ?? viewport.scrollHeight;
    this.#setAtEnd(this.#measure());
  }

  /** Scrolls to the end and stays there. */
  toEnd(): void {
    if (this.#isAtEnd === undefined) return;
    this.#setAtEnd(true);
    this.follow();
  }

  /** Scrolls to the end again if it was there before. Call it when the content may have changed its size. */
  follow(): void {
    if (this.#isAtEnd && this.#viewport) this.#viewport.scrollTop = this.#viewport.scrollHeight;
  }

  #measure(): boolean {
    const viewport = this.#viewport!;
    return viewport.scrollHeight - viewport.scrollTop - viewport.clientHeight <= endPx;
  }

  #setAtEnd(isAtEnd: boolean): void {
    if (isAtEnd === this.#isAtEnd) return;
    this.#isAtEnd = isAtEnd;
    this.#onEnd(isAtEnd);
  }
}

/** Top of the unread line in the window, or of the day and dropped lines directly above it. */
function firstOfLine(line: HTMLElement): number {
  let first: Element = line;
  while (first.previousElementSibling?.matches('.day-line, .dropped-line')) first = first.previousElementSibling;
  return first.getBoundingClientRect().top;
}
