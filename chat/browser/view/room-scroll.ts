/**
 * Where the timeline of a room stands. At the end it stays there, whatever grows or shrinks; anywhere else nothing moves.
 * A room that was left in the middle is found there again.
 */

/** At the end means: no more than this many pixels from it. */
const endPx = 100;
/** Space above the unread line when a room is opened there. */
const aboveLinePx = 56;

/** Distance from the end at which rooms were left; not for those left at their end. */
const leftAt = new Map<string, number>();

/** The scroll position of one opened room. */
export class RoomScroll {
  readonly #roomId: string;
  readonly #onEnd: (isAtEnd: boolean) => void;
  #viewport: HTMLElement | undefined;
  #isAtEnd = true;
  #isOpen = false;

  /** @param onEnd - Told whenever the end is reached or left. */
  constructor(roomId: string, onEnd: (isAtEnd: boolean) => void) {
    this.#roomId = roomId;
    this.#onEnd = onEnd;
  }

  /** Takes hold of the elements. @returns What lets go of them. */
  attach(viewport: HTMLElement, content: HTMLElement): () => void {
    this.#viewport = viewport;
    const onScroll = (): void => this.#measure();
    viewport.addEventListener('scroll', onScroll, { passive: true });
    const resizes = new ResizeObserver(() => this.follow());
    resizes.observe(viewport);
    resizes.observe(content);
    return () => {
      viewport.removeEventListener('scroll', onScroll);
      resizes.disconnect();
      if (this.#isOpen && !this.#isAtEnd) leftAt.set(this.#roomId, this.#fromTop());
      else leftAt.delete(this.#roomId);
      this.#viewport = undefined;
    };
  }

  /** The room's messages are there: stands at the unread line, else where the room was left, else at the end. */
  open(): void {
    const viewport = this.#viewport;
    if (!viewport || this.#isOpen) return;
    this.#isOpen = true;
    const line = viewport.querySelector<HTMLElement>('.unread-line');
    const left = leftAt.get(this.#roomId);
    if (line) {
      // What is no longer kept is said directly above the line.
      const top = line.getBoundingClientRect().top - viewport.getBoundingClientRect().top + viewport.scrollTop;
      viewport.scrollTop = top - aboveLinePx;
    } else viewport.scrollTop = left ?? viewport.scrollHeight;
    this.#measure();
  }

  /** Goes to the end and stays there. */
  toEnd(): void {
    this.#setAtEnd(true);
    this.follow();
  }

  /** Something may have grown or shrunk: stays at the end, if that is where it was. */
  follow(): void {
    if (this.#isAtEnd && this.#isOpen && this.#viewport) this.#viewport.scrollTop = this.#viewport.scrollHeight;
  }

  #fromTop(): number {
    return this.#viewport?.scrollTop ?? 0;
  }

  #measure(): void {
    const viewport = this.#viewport;
    if (!viewport || !this.#isOpen) return;
    this.#setAtEnd(viewport.scrollHeight - viewport.scrollTop - viewport.clientHeight <= endPx);
  }

  #setAtEnd(isAtEnd: boolean): void {
    if (isAtEnd === this.#isAtEnd) return;
    this.#isAtEnd = isAtEnd;
    this.#onEnd(isAtEnd);
  }
}
