/**
 * How far one server is in the stream of a room: what it delivered to live subscribers, and what it knows to be stored.
 * Both show later whether the store still has those messages and amendments. No I/O.
 */
import { lifeAt, provesLoss, withVersion } from './lives.ts';
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
  /** Version of the newest delivered amendment: all up to it are delivered, and each is of a delivered message. */
  #version: number;
  /** Newest version that is stored, as far as known. */
  #storedVersion: number;
  /** Lives in the newest bounds that were read. */
  #lives: Lives;
  /** Messages before this offset have no amendment that is still to be delivered. */
  #amendable: number;

  /** @param delivered - Offset of the last message that needs no delivery. */
  constructor({ epoch, top, first, lives, version = 0 }: StreamHead, delivered: number) {
    this.epoch = epoch;
    this.#lives = lives;
    this.#next = delivered + 1;
    this.#lastLife = lifeAt(lives, delivered);
    this.#stored = top;
    this.#storedLife = lifeAt(lives, top);
    // Messages that are not delivered yet may have amendments.
    this.#version = delivered === top ? version : 0;
    this.#storedVersion = version;
    this.#amendable = first;
  }

  /** Offset of the next message to deliver. */
  get next(): number {
    return this.#next;
  }

  /** Version of the newest delivered amendment. */
  get version(): number {
    return this.#version;
  }

  /** Messages before this offset have no amendment that is still to be delivered. */
  get amendable(): number {
    return this.#amendable;
  }

  /** Whether a stored amendment is not delivered. */
  get isBehindVersions(): boolean {
    return this.#version < this.#storedVersion;
  }

  /** Position of the last delivered message. */
  get delivered(): Position {
    return { epoch: this.epoch, offset: this.#next - 1, life: this.#lastLife };
  }

  /** The newest position that is known. */
  get newest(): Position {
    const { epoch, delivered } = this;
    const position =
      this.#stored > delivered.offset ? { epoch, offset: this.#stored, life: this.#storedLife } : delivered;
    return withVersion(position, this.#storedVersion);
  }

  /** The stream as far as it is known. */
  get known(): StreamTop {
    const { offset: top, version } = this.newest;
    const known = { epoch: this.epoch, top, lives: this.#lives };
    return version === undefined ? known : { ...known, version };
  }

  /** Judges a live message: `next` to deliver it, `old` if it was delivered, `doubtful` if the stream must be read first. */
  judge(epoch: string, { offset, id, life }: RoomMessage): 'next' | 'old' | 'doubtful' {
    // The store may have lost messages before the first message of another life.
    if (epoch !== this.epoch || (life !== this.#lastLife && this.#next > 1)) return 'doubtful';
    if (offset === this.#next) return 'next';
    const isOld = offset < this.#next && !this.#isReused(offset, id);
    return isOld ? 'old' : 'doubtful';
  }

  /** Judges a live amendment, like {@link judge}. */
  judgeAmendment(epoch: string, { offset, version = 0 }: RoomMessage): 'next' | 'old' | 'doubtful' {
    if (epoch !== this.epoch) return 'doubtful';
    if (version <= this.#version) return 'old';
    return version === this.#version + 1 && offset < this.#next ? 'next' : 'doubtful';
  }

  /** Notes the delivery of all amendments up to a version. @param first - The oldest message that was kept at that version, if it is known. */
  amendTo(version: number, first = 0): void {
    this.#version = version;
    this.#storedVersion = Math.max(this.#storedVersion, version);
    this.#amendable = Math.max(this.#amendable, first);
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
  see({ offset, life = '', version = 0 }: Position): void {
    this.#storedVersion = Math.max(this.#storedVersion, version);
    if (offset < this.#stored) return;
    this.#stored = offset;
    this.#storedLife = life;
  }

  /** Notes bounds or a page that were read. */
  read({
    top,
    first,
    lives,
    version = 0,
    messages,
  }: StreamHead & { readonly messages?: StreamPage['messages'] }): void {
    this.#storedVersion = Math.max(this.#storedVersion, version);
    // What was trimmed until then cannot be amended any more.
    if (version === this.#version) this.#amendable = Math.max(this.#amendable, first);
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
