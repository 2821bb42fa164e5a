/**
 * One room's stream as the client sees it: applies each offset once and in order, over any number of connections,
 * and subscribes again from its own position when something is missing.
 */
import { fullJitter } from '../../run/backoff.ts';
import type { RoomError } from '../room-error.ts';
import type { Position, RoomMessage, StreamHead } from '../stream.ts';
import type { CommandFields, DroppedFrame, MessageFrame, SubscribeReply } from '../wire.ts';
import { lostCode } from './connection.ts';
import type { Waiter } from './connection.ts';

/** How a follower reaches the rest of the client. */
export interface FollowerOptions<Data> {
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly random: () => number;
  subscribe(fields: CommandFields<'subscribe'>, waiter: Waiter<SubscribeReply>, isWanted: () => boolean): void;
  onSubscribed(room: string, reply: SubscribeReply): void;
  onMessage(room: string, epoch: string, message: RoomMessage<Data>): void;
  onDropped(room: string, hole: { epoch: string; after: number; count: number }): void;
  onReset(room: string, start: StreamHead): void;
  /** The subscription was refused; the follower has stopped. */
  onRefused(room: string, error: RoomError): void;
}

/** Follows one room. */
export class StreamFollower<Data> {
  readonly #room: string;
  readonly #options: FollowerOptions<Data>;
  #position: Position | undefined;
  #isAsking = false;
  #isStopped = false;
  #attempts = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(room: string, after: Position | undefined, options: FollowerOptions<Data>) {
    this.#room = room;
    this.#position = after;
    this.#options = options;
  }

  /** The last message applied; undefined before anything is known. */
  get position(): Position | undefined {
    return this.#position;
  }

  /** Subscribes from the last message applied, unless that is on its way. */
  ask(): void {
    clearTimeout(this.#timer);
    if (this.#isAsking || this.#isStopped) return;
    this.#isAsking = true;
    const after = this.#position;
    const waiter: Waiter<SubscribeReply> = {
      onReply: (reply) => {
        this.#isAsking = false;
        this.#attempts = 0;
        if (!this.#isStopped) this.#begin(reply, after);
      },
      onError: (error) => {
        this.#isAsking = false;
        if (this.#isStopped || error.code === lostCode) return;
        if (error.retry) this.#askLater();
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
  onMessage({ epoch, offset, id, author, time, data }: MessageFrame<Data>): void {
    const position = this.#position;
    if (position?.epoch !== epoch || offset > position.offset + 1) {
      // Something is missing, or it belongs to a subscription that was replaced: the answer tells.
      this.ask();
      return;
    }
    if (offset <= position.offset) return;
    this.#position = { epoch, offset };
    this.#options.onMessage(this.#room, epoch, { offset, id, author, time, data });
  }

  /** A `dropped` frame. */
  onDropped({ epoch, after, count }: DroppedFrame): void {
    if (this.#position?.epoch === epoch) this.#skipTo(after + count);
  }

  /** A `reset` frame. */
  onReset(start: StreamHead): void {
    // While a new subscription is on its way its answer tells where the stream begins.
    if (!this.#isAsking) this.#startAgain(start);
  }

  #begin(reply: SubscribeReply, after: Position | undefined): void {
    this.#options.onSubscribed(this.#room, reply);
    if (this.#isStopped) return;
    if (reply.reset) {
      this.#startAgain(reply);
      return;
    }
    this.#position ??= { epoch: reply.epoch, offset: 0 };
    if (reply.dropped > 0) this.#skipTo((after?.offset ?? 0) + reply.dropped);
  }

  #skipTo(offset: number): void {
    const position = this.#position;
    if (!position || offset <= position.offset) return;
    this.#position = { epoch: position.epoch, offset };
    this.#options.onDropped(this.#room, {
      epoch: position.epoch,
      after: position.offset,
      count: offset - position.offset,
    });
  }

  #startAgain({ epoch, top, first }: StreamHead): void {
    this.#position = { epoch, offset: first - 1 };
    this.#options.onReset(this.#room, { epoch, top, first });
  }

  #askLater(): void {
    const { minBackoffMs, maxBackoffMs, random } = this.#options;
    const waitMs = fullJitter(this.#attempts++, minBackoffMs, maxBackoffMs, random);
    this.#timer = setTimeout(() => this.ask(), waitMs);
  }
}
