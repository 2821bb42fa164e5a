/**
 * The scroll position of a room. At the end it stays at the end when the content grows or shrinks; elsewhere nothing moves.
 * A room that was left in the middle reopens at the same place.
 */

/** At the end means: no more than this many pixels from it. */
const endPx = 100;
/** When a room is opened at its unread line, so much of what was read before can be seen above it. */
const readBeforePx = 56;

/** Distance from the end at which rooms were left; not for those left at their end. */
const leftAt = new Map<string, number>();

/** The scroll position of one opened room. */
export class RoomScroll {
  readonly #roomId: string;
  readonly #onEnd: (isAtEnd: boolean) => void;
  #viewport: HTMLElement | undefined;
  /** Unknown until the room is opened. */
  #isAtEnd: boolean | undefined;

  /** @param onEnd - Called when the end is reached or left. */
  constructor(roomId: string, onEnd: (isAtEnd: boolean) => void) {
    this.#roomId = roomId;
    this.#onEnd = onEnd;
  }

  /** Whether the newest message is in sight; false before the room is opened. */
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

  /** The room's messages are there: stands at the unread line, else where the room was left, else at the end. */
  open(): void {
    const viewport = this.#viewport;
    if (!viewport || this.#isAtEnd !== undefined) return;
    const line = viewport.querySelector<HTMLElement>('.unread-line');
    if (line) viewport.scrollTop += firstOfLine(line) - viewport.getBoundingClientRect().top - readBeforePx;
    else viewport.scrollTop = leftAt.get(this.#roomId) ?? viewport.scrollHeight;
    this.#setAtEnd(this.#measure());
  }

  /** Goes to the end and stays there. */
  toEnd(): void {
    if (this.#isAtEnd === undefined) return;
    this.#setAtEnd(true);
    this.follow();
  }

  /** Something may have grown or shrunk: stays at the end, if that is where it was. */
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

/** Top of the unread line, in the window; of the day and of what is said to be lost, if they stand directly above it. */
function firstOfLine(line: HTMLElement): number {
  let first: Element = line;
  while (first.previousElementSibling?.matches('.day-line, .dropped-line')) first = first.previousElementSibling;
  return first.getBoundingClientRect().top;
}
