/**
 * The writer of a connection: queues frames, writes all frames of a turn at once, and counts the bytes the peer has not taken.
 * It knows no messages, states or close codes. It does not own the socket.
 */
import type { Writable } from 'node:stream';
import { unsentBytes } from '../../http/socket/socket-writer.ts';
import type { FrameSequence } from './frame-sequence.ts';
import { PreparedMessage } from './prepared-message.ts';
import { currentTurn } from './turn.ts';
import type { TurnMember } from './turn.ts';
import { WriteBacklog } from './write-backlog.ts';
import { WriteWaiters } from './write-waiters.ts';

const nothing = Buffer.alloc(0);

/** Writes frames to one socket. */
export class FrameWriter implements TurnMember {
  /** Whether a slow peer has taken what the socket held, since this was last set to `false`. */
  hasMoved = false;
  readonly #socket: Writable;
  readonly #maxBufferedBytes: number;
  readonly #masks: boolean;
  /** The queue of this turn; `undefined` while it is empty. */
  #queue: FrameSequence | undefined = undefined;
  /** Bytes the peer had not taken at the last check; never less than the current number. */
  #unsentBytes = 0;
  /** Bytes of data written so far, taken or not. */
  #writtenBytes = 0;
  /** Exists while the socket holds bytes that the operating system has not taken. */
  #backlog: WriteBacklog | undefined = undefined;
  #waiters: WriteWaiters | undefined = undefined;
  #state: 'open' | 'ending' | 'stopped' = 'open';
  /** Whether queued data was dropped. */
  #hasDropped = false;

  /** @param masks - Whether to mask every frame, as a client must (RFC 6455 §5.3). */
  constructor(socket: Writable, maxBufferedBytes: number, masks = false) {
    this.#socket = socket;
    this.#maxBufferedBytes = maxBufferedBytes;
    this.#masks = masks;
  }

  /** Queued bytes that the operating system has not taken. */
  get bufferedBytes(): number {
    if (this.#state === 'stopped') return 0;
    return this.#untaken() + (this.#queue?.bytes ?? 0);
  }

  /** A number that changes whenever the operating system takes pending bytes; `undefined` while there are none. */
  get progress(): number | undefined {
    const untaken = unsentBytes(this.#socket);
    return untaken === 0 ? undefined : this.#writtenBytes - (this.#backlog?.bytes ?? 0) - untaken;
  }

  /**
   * Queues data.
   *
   * @returns `false`, with nothing queued, if more than `maxBufferedBytes` would be pending.
   * A message of any size is queued while nothing else is pending.
   */
  queue(message: PreparedMessage): boolean {
    const sent = this.#masks ? message.masked() : message;
    const queue = (this.#queue ?? currentTurn.join(this)).followedBy(sent);
    if (queue.bytes + this.#unsentBytes > this.#maxBufferedBytes) return this.#queueLarge(sent);
    this.#queue = queue;
    return true;
  }

  /** Queues the head of the handshake response, which goes before the first frame. */
  queueHead(head: Buffer): void {
    this.#add(new PreparedMessage(head));
  }

  /** Queues a close frame after everything else, without a limit. */
  queueLast(message: PreparedMessage): void {
    this.queueAlways(message);
  }

  /** Queues a frame without a limit. */
  protected queueAlways(message: PreparedMessage): void {
    this.#add(this.#masks ? message.masked() : message);
  }

  /** Queues a ping, ahead of pending data of a slow peer. */
  queuePing(message: PreparedMessage): void {
    if (this.#backlog === undefined) this.queueAlways(message);
    else this.#backlog.putPing(this.#masks ? message.masked().frame : message.frame);
  }

  /** Queues a pong, ahead of pending data of a slow peer. */
  queuePong(message: PreparedMessage): void {
    // One turn may read thousands of pings. Only a write shows whether their sender takes anything.
    if (this.#queue !== undefined && this.#queue.bytes > this.#maxBufferedBytes) this.onTurnEnd();
    if (this.#backlog === undefined) this.queueAlways(message);
    else this.#backlog.putPong(this.#masks ? message.masked().frame : message.frame);
  }

  /** Drops everything that was not written to the socket. */
  drop(): void {
    this.#hasDropped = true;
    this.#queue = undefined;
    this.#backlog?.drop();
    this.#waiters?.giveUp();
  }

  /** Ends the socket after everything queued was written. */
  end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ending';
    this.#queue ??= currentTurn.join(this);
  }

  /** Stops writing and settles all waiters. */
  stop(): void {
    this.#state = 'stopped';
    this.#queue = undefined;
    this.#backlog = undefined;
    this.#waiters?.giveUp();
    this.#settle();
  }

  /** Settles when at most `maxBytes` are buffered, or the writer stopped. */
  drained(maxBytes: number): Promise<void> {
    if (this.bufferedBytes <= maxBytes) return Promise.resolve();
    return (this.#waiters ??= new WriteWaiters()).untilBuffered(maxBytes);
  }

  /** The result of everything queued so far. */
  sent(): PromiseLike<boolean> {
    return new SendResult(this, this.#writtenBytes + (this.#queue?.bytes ?? 0));
  }

  /** Settles with `true` when all before `position` was taken, with `false` if it never will be. @internal */
  untilTaken(position: number): Promise<boolean> {
    if (this.#state === 'stopped' || this.#hasDropped) return Promise.resolve(false);
    if (position <= this.#takenBytes()) return Promise.resolve(true);
    return (this.#waiters ??= new WriteWaiters()).untilTaken(position);
  }

  /** Writes the queue of this turn. */
  onTurnEnd(): void {
    const queue = this.#queue;
    if (queue === undefined) return;
    this.#queue = undefined;
    if (this.#state === 'stopped') return;
    if (queue.bytes > 0) this.#write(queue.joined());
    if (this.#state === 'ending' && this.#backlog === undefined) this.#socket.end();
    if (this.#waiters !== undefined) this.#settle();
  }

  #add(frame: PreparedMessage): void {
    this.#queue = (this.#queue ?? currentTurn.join(this)).followedBy(frame);
  }

  #write(frames: Buffer): void {
    this.#writtenBytes += frames.length;
    if (this.#backlog !== undefined) {
      this.#backlog.push(frames);
      this.#unsentBytes = this.#untaken();
      return;
    }
    // No callback: Node.js then skips a tick for each write that the system takes at once, which is nearly every one.
    this.#socket.write(frames);
    this.#unsentBytes = this.#socket.writableLength;
    if (this.#unsentBytes > 0) this.#fallBehind();
  }

  /** Counts exactly and tries to write before it rejects a message of a slow peer. */
  #queueLarge(frame: PreparedMessage): boolean {
    this.#unsentBytes = this.#untaken();
    if (this.#queue !== undefined && this.#queue.bytes > 0) this.onTurnEnd();
    const fits = this.#unsentBytes + frame.frame.length <= this.#maxBufferedBytes;
    if (!fits && this.#unsentBytes > 0) return false;
    this.#add(frame);
    return true;
  }

  /** Position up to which data was taken. Control frames ahead of the data count as untaken, so it may be too low. */
  #takenBytes(): number {
    // A broken socket has discarded what it held.
    if (this.#socket.destroyed || this.#socket.errored !== null) return -1;
    return this.#writtenBytes - this.#untaken();
  }

  #untaken(): number {
    return this.#socket.writableLength + (this.#backlog?.bytes ?? 0);
  }

  #fallBehind(): void {
    this.#backlog ??= new WriteBacklog();
    // 'drain' needs more than a high-water mark; the callback of an empty write always comes.
    this.#socket.write(nothing, (error) => {
      if (error == null) this.#catchUp();
    });
  }

  #catchUp(): void {
    const backlog = this.#backlog;
    if (backlog === undefined) return;
    this.hasMoved = true;
    const batch = backlog.take();
    this.#socket.cork();
    for (const frames of batch) this.#socket.write(frames);
    this.#socket.uncork();
    this.#unsentBytes = this.#untaken();
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
    waiters.settle(this.#takenBytes(), this.bufferedBytes);
    if (waiters.isEmpty) this.#waiters = undefined;
  }
}

/**
 * The result of one send. Every send makes one, so it costs nothing until somebody awaits it.
 * It is `true` once the operating system has taken the message. It is `false` if the connection ended first or the message was
 * dropped. It never rejects.
 */
class SendResult implements PromiseLike<boolean> {
  readonly #writer: FrameWriter;
  readonly #position: number;

  /** @param position - Where the message ends among all bytes of its writer. */
  constructor(writer: FrameWriter, position: number) {
    this.#writer = writer;
    this.#position = position;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- it is one
  then<Yes = boolean, No = never>(
    onSent?: ((isSent: boolean) => Yes | PromiseLike<Yes>) | null,
    onRejected?: ((reason: unknown) => No | PromiseLike<No>) | null,
  ): Promise<Yes | No> {
    return this.#writer.untilTaken(this.#position).then(onSent, onRejected);
  }
}
