/**
 * The client side of one room's stream. Passes on each offset once and in order, over any number of connections,
 * and subscribes again from its position when a message is missing.
 */
import { fullJitter } from '../../run/backoff.ts';
import type { RoomError } from '../room-error.ts';
import type { Position, RoomMessage, StreamStart } from '../stream.ts';
import type { AmendFrame, CommandFields, DroppedFrame, MessageFrame, SubscribeReply } from '../wire.ts';
import { withVersion } from '../lives.ts';
import { lostCode } from './connection.ts';
import type { Waiter } from './connection.ts';

/** What a follower needs from the client. */
export interface FollowerOptions<Data> {
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly random: () => number;
  subscribe(fields: CommandFields<'subscribe'>, waiter: Waiter<SubscribeReply>, isWanted: () => boolean): void;
  onSubscribed(room: string, reply: SubscribeReply): void;
  onMessage(room: string, epoch: string, message: RoomMessage<Data>): void;
  onAmended(room: string, epoch: string, message: RoomMessage<Data>): void;
  onDropped(room: string, hole: { epoch: string; after: number; count: number }): void;
  onReset(room: string, start: StreamStart): void;
  /** The subscription was refused; the follower has stopped. */
  onRefused(room: string, error: RoomError): void;
}

/** Follows one room. */
export class StreamFollower<Data> {
  readonly #room: string;
  readonly #options: FollowerOptions<Data>;
  #position: Position | undefined;
  /** Versions by offset of messages that came in a state which is newer than the version of the position. */
  readonly #ahead = new Map<number, number>();
  #isSubscribing = false;
  #isStopped = false;
  #attempts = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(room: string, after: Position | undefined, options: FollowerOptions<Data>) {
    this.#room = room;
    this.#position = after;
    this.#options = options;
  }

  /** Position of the last message; undefined before the first reply. */
  get position(): Position | undefined {
    return this.#position;
  }

  /** Subscribes from the position, unless a subscribe is pending. */
  subscribe(): void {
    clearTimeout(this.#timer);
    if (this.#isSubscribing || this.#isStopped) return;
    this.#isSubscribing = true;
    const after = this.#position;
    const waiter: Waiter<SubscribeReply> = {
      onReply: (reply) => {
        this.#isSubscribing = false;
        this.#attempts = 0;
        if (!this.#isStopped) this.#begin(reply, after);
      },
      onError: (error) => {
        this.#isSubscribing = false;
        if (this.#isStopped || error.code === lostCode) return;
        if (error.retry) this.#subscribeLater();
        else this.#options.onRefused(this.#room, error);
      },
    };
    const fields = after ? { room: this.#room, after } : { room: this.#room };
    this.#options.subscribe(fields, waiter, () => !this.#isStopped);
  }

  /** Stops following. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /** A `message` frame. */
  onMessage(frame: MessageFrame<Data>): void {
    const { epoch, offset, life, version } = frame;
    const position = this.#position;
    if (position?.epoch !== epoch || offset > position.offset + 1) {
      // A message is missing, or this one is of a replaced subscription. The reply decides.
      this.subscribe();
      return;
    }
    if (offset <= position.offset) return;
    this.#moveTo(offset, life);
    if (version !== undefined && version > (position.version ?? 0)) this.#ahead.set(offset, version);
    this.#options.onMessage(this.#room, epoch, toMessage(frame));
  }

  /** An `amend` frame. */
  onAmend(frame: AmendFrame<Data>): void {
    const { epoch, offset, version = 0 } = frame;
    const position = this.#position;
    // During a subscribe, the new subscription sends all amendments after the position again.
    if (this.#isSubscribing || position?.epoch !== epoch || version <= (position.version ?? 0)) return;
    const isKnown = this.#ahead.get(offset) === version;
    this.#position = { ...position, version };
    for (const [at, its] of this.#ahead) if (its <= version) this.#ahead.delete(at);
    if (!isKnown) this.#options.onAmended(this.#room, epoch, toMessage(frame));
  }

  /** A `dropped` frame. */
  onDropped({ epoch, after, count, life }: DroppedFrame): void {
    if (this.#position?.epoch === epoch) this.#skipTo(after + count, life);
  }

  /** A `reset` frame. */
  onReset(start: StreamStart): void {
    // During a subscribe, its reply says where the stream begins.
    if (!this.#isSubscribing) this.#restart(start);
  }

  #begin(reply: SubscribeReply, after: Position | undefined): void {
    this.#options.onSubscribed(this.#room, reply);
    if (this.#isStopped) return;
    if (reply.reset) {
      this.#restart(reply);
      return;
    }
    this.#position ??= withVersion({ epoch: reply.epoch, offset: 0, life: '' }, reply.version);
    const offset = (after?.offset ?? 0) + reply.dropped;
    if (reply.dropped > 0) this.#skipTo(offset, reply.life);
    // The position came from a server of an earlier version.
    else if (this.#position.offset === offset) this.#position = { ...this.#position, life: reply.life };
  }

  #skipTo(offset: number, life: string): void {
    const position = this.#position;
    if (!position || offset <= position.offset) return;
    this.#moveTo(offset, life);
    this.#options.onDropped(this.#room, {
      epoch: position.epoch,
      after: position.offset,
      count: offset - position.offset,
    });
  }

  #restart({ epoch, top, first, life, version }: StreamStart): void {
    this.#position = withVersion({ epoch, offset: first - 1, life }, version);
    this.#ahead.clear();
    this.#options.onReset(this.#room, { epoch, top, first, life });
  }

  #moveTo(offset: number, life: string): void {
    if (this.#position) this.#position = { ...this.#position, offset, life };
  }

  #subscribeLater(): void {
    const { minBackoffMs, maxBackoffMs, random } = this.#options;
    const waitMs = fullJitter(this.#attempts++, minBackoffMs, maxBackoffMs, random);
    this.#timer = setTimeout(() => this.subscribe(), waitMs);
  }
}

function toMessage<Data>(frame: MessageFrame<Data> | AmendFrame<Data>): RoomMessage<Data> {
  const { offset, id, author, time, data, life, version, amended } = frame;
  const message = { offset, id, author, time, data, life };
  return version === undefined || amended === undefined ? message : { ...message, version, amended };
}
