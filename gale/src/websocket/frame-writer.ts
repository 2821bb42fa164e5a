/**
 * The one writer of a connection: queues frames, writes all of a turn in one go, and counts what the peer has not taken.
 * It knows nothing of messages, states or close codes. It writes to a socket it does not own.
 */
import type { Writable } from 'node:stream';
import type { FrameSequence } from './frame-sequence.ts';
import type { PreparedMessage } from './prepared-message.ts';
import { currentTurn } from './turn.ts';
import type { TurnMember } from './turn.ts';
import { WriteBacklog } from './write-backlog.ts';

const nothing = Buffer.alloc(0);

interface Waiter {
  readonly belowBytes: number;
  readonly resolve: () => void;
}

/** Writes frames to one socket. */
export class FrameWriter implements TurnMember {
  readonly #socket: Writable;
  readonly #maxBufferedBytes: number;
  /** Where the queue of this turn has come to; `undefined` while it is empty. */
  #queue: FrameSequence | undefined = undefined;
  /** What the peer had not taken when last looked at; never less than it is now. */
  #untakenBytes = 0;
  /** There while the socket has not taken all that it was given. */
  #backlog: WriteBacklog | undefined = undefined;
  #waiters: Waiter[] | undefined = undefined;
  #state: 'open' | 'ending' | 'stopped' = 'open';

  constructor(socket: Writable, maxBufferedBytes: number) {
    this.#socket = socket;
    this.#maxBufferedBytes = maxBufferedBytes;
  }

  /** Bytes that were queued and that the operating system has not taken. */
  get bufferedBytes(): number {
    if (this.#state === 'stopped') return 0;
    return this.#untaken() + (this.#queue?.bytes ?? 0);
  }

  /**
   * Queues data.
   *
   * @returns `false`, and nothing is queued, if more than `maxBufferedBytes` would wait for this peer.
   * A message goes out whatever its size while nothing else waits.
   */
  queue(message: PreparedMessage): boolean {
    const queue = (this.#queue ?? currentTurn.join(this)).followedBy(message);
    if (queue.bytes + this.#untakenBytes > this.#maxBufferedBytes) return this.#queueLarge(message);
    this.#queue = queue;
    return true;
  }

  /** Queues a frame behind everything else, whatever waits: the head of the connection, or a close frame. */
  queueLast(message: PreparedMessage): void {
    this.queueAlways(message);
  }

  /** Queues a frame whatever waits. */
  protected queueAlways(message: PreparedMessage): void {
    this.#queue = (this.#queue ?? currentTurn.join(this)).followedBy(message);
  }

  /** Queues a ping, before the data if the peer is behind. */
  queuePing(message: PreparedMessage): void {
    if (this.#backlog === undefined) this.queueAlways(message);
    else this.#backlog.putPing(message.frame);
  }

  /** Queues a pong, before the data if the peer is behind. */
  queuePong(message: PreparedMessage): void {
    if (this.#backlog === undefined) this.queueAlways(message);
    else this.#backlog.putPong(message.frame);
  }

  /** Forgets all that the socket was not given yet. */
  drop(): void {
    this.#queue = undefined;
    this.#backlog?.drop();
  }

  /** Ends the socket once all that is queued was written. */
  end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ending';
    this.#queue ??= currentTurn.join(this);
  }

  /** Writes nothing more, and settles whoever waits. */
  stop(): void {
    this.#state = 'stopped';
    this.#queue = undefined;
    this.#backlog = undefined;
    this.#settle();
  }

  /** Settles when at most so many bytes are buffered, or the writer stopped. */
  drained(belowBytes: number): Promise<void> {
    if (this.bufferedBytes <= belowBytes) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    (this.#waiters ??= []).push({ belowBytes, resolve });
    return promise;
  }

  /** Writes what this turn has queued. */
  onTurnEnd(): void {
    const queue = this.#queue;
    if (queue === undefined) return;
    this.#queue = undefined;
    if (this.#state === 'stopped') return;
    if (queue.bytes > 0) this.#write(queue.joined());
    if (this.#state === 'ending' && this.#backlog === undefined) this.#socket.end();
    if (this.#waiters !== undefined) this.#settle();
  }

  #write(frames: Buffer): void {
    if (this.#backlog !== undefined) {
      this.#backlog.push(frames);
      this.#untakenBytes = this.#untaken();
      return;
    }
    // No callback: Node then spares a tick for each write that the system takes at once, which is nearly every one.
    this.#socket.write(frames);
    this.#untakenBytes = this.#socket.writableLength;
    if (this.#untakenBytes > 0) this.#fallBehind();
  }

  /** The exact count, and a try at writing, before a peer is called too slow. */
  #queueLarge(message: PreparedMessage): boolean {
    this.#untakenBytes = this.#untaken();
    if (this.#queue !== undefined && this.#queue.bytes > 0) this.onTurnEnd();
    const fits = this.#untakenBytes + message.frame.length <= this.#maxBufferedBytes;
    if (!fits && this.#untakenBytes > 0) return false;
    this.queueAlways(message);
    return true;
  }

  #untaken(): number {
    return this.#socket.writableLength + (this.#backlog?.bytes ?? 0);
  }

  #fallBehind(): void {
    this.#backlog ??= new WriteBacklog();
    // 'drain' is only told of more than a high-water mark; an empty write is told of in any case.
    this.#socket.write(nothing, (error) => {
      if (error == null) this.#catchUp();
    });
  }

  #catchUp(): void {
    const backlog = this.#backlog;
    if (backlog === undefined) return;
    const batch = backlog.take();
    this.#socket.cork();
    for (const frames of batch) this.#socket.write(frames);
    this.#socket.uncork();
    this.#untakenBytes = this.#untaken();
    if (batch.length > 0) {
      this.#fallBehind();
    } else {
      this.#backlog = undefined;
      if (this.#state === 'ending' && this.#queue === undefined) this.#socket.end();
    }
    if (this.#waiters !== undefined) this.#settle();
  }

  #settle(): void {
    const waiters = this.#waiters;
    if (waiters === undefined) return;
    const buffered = this.bufferedBytes;
    const left = waiters.filter((waiter) => waiter.belowBytes < buffered);
    if (left.length === waiters.length) return;
    this.#waiters = left.length > 0 ? left : undefined;
    for (const waiter of waiters) if (waiter.belowBytes >= buffered) waiter.resolve();
  }
}
