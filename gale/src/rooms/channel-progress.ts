/**
 * How far one server is in the stream of a room: what it delivered to live subscribers, and what it knows to be stored.
 * Both show later whether the store still has those messages. No I/O.
 */
import { lifeAt, provesLoss } from './lives.ts';
import type { Lives, StreamTop } from './lives.ts';
import type { Position, RoomMessage, StreamHead, StreamPage } from './stream.ts';

/** The progress in one epoch, from the first read of the stream on. */
export class ChannelProgress {
  readonly epoch: string;
  /** Offset of the next message to deliver. */
  #next: number;
  /** Id of the message before it, if known. It shows whether the offset was assigned twice. */
  #lastId: string | undefined;
  /** Life of that message. */
  #lastLife: string;
  /** Newest offset that is stored, as far as known, and its life. */
  #stored: number;
  #storedLife: string;
  /** Lives in the newest bounds that were read. */
  #lives: Lives;

  /** @param delivered - Offset of the last message that needs no delivery. */
  constructor({ epoch, top, lives }: StreamTop, delivered: number) {
    this.epoch = epoch;
    this.#lives = lives;
    this.#next = delivered + 1;
    this.#lastLife = lifeAt(lives, delivered);
    this.#stored = top;
    this.#storedLife = lifeAt(lives, top);
  }

  /** Offset of the next message to deliver. */
  get next(): number {
    return this.#next;
  }

  /** Position of the last delivered message. */
  get delivered(): Position {
    return { epoch: this.epoch, offset: this.#next - 1, life: this.#lastLife };
  }

  /** The newest position that is known. */
  get newest(): Position {
    const { epoch, delivered } = this;
    return this.#stored > delivered.offset ? { epoch, offset: this.#stored, life: this.#storedLife } : delivered;
  }

  /** The stream as far as it is known. */
  get known(): StreamTop {
    return { epoch: this.epoch, top: this.newest.offset, lives: this.#lives };
  }

  /** Judges a live message: `next` to deliver it, `old` if it was delivered, `doubtful` if the stream must be read first. */
  judge(epoch: string, { offset, id, life }: RoomMessage): 'next' | 'old' | 'doubtful' {
    // The store may have lost messages before the first message of another life.
    if (epoch !== this.epoch || (life !== this.#lastLife && this.#next > 1)) return 'doubtful';
    if (offset === this.#next) return 'next';
    const isOld = offset < this.#next && !this.#isReused(offset, id);
    return isOld ? 'old' : 'doubtful';
  }

  /** Notes the delivery of the next message. */
  deliver({ offset, id, life }: RoomMessage): void {
    this.#next = offset + 1;
    this.#lastId = id;
    this.#lastLife = life;
  }

  /** Skips messages that are no longer kept. */
  skipTrimmed({ first, lives }: StreamHead): void {
    this.#next = first;
    this.#lastId = undefined;
    this.#lastLife = lifeAt(lives, first - 1);
  }

  /** Notes a position that is stored. */
  see({ offset, life = '' }: Position): void {
    if (offset < this.#stored) return;
    this.#stored = offset;
    this.#storedLife = life;
  }

  /** Notes bounds or a page that were read. */
  read({ top, lives, messages }: StreamTop & { readonly messages?: StreamPage['messages'] }): void {
    if (top >= this.#stored) {
      this.#stored = top;
      this.#storedLife = lifeAt(lives, top);
      this.#lives = lives;
    }
    const last = messages?.at(-1);
    if (last?.offset === this.#next - 1) this.#lastId ??= last.id;
  }

  /**
   * Remembers the current progress, for a read that begins now.
   *
   * @returns Whether bounds or a page of this epoch, as that read returns them, prove that the store lost messages.
   */
  remember(): (read: StreamTop & { readonly messages?: StreamPage['messages'] }) => boolean {
    const positions = [this.delivered, this.newest];
    const id = this.#lastId;
    return (read) =>
      positions.some((position) => provesLoss(read, position)) ||
      (id !== undefined &&
        read.messages?.some((message) => message.offset === positions[0]?.offset && message.id !== id) === true);
  }

  /** Whether the offset before the next one was assigned again, to another message. */
  #isReused(offset: number, id: string): boolean {
    return offset === this.#next - 1 && this.#lastId !== undefined && this.#lastId !== id;
  }
}
