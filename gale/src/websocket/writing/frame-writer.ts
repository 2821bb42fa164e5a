/**
 * The one writer of a connection: queues frames, writes all of a turn in one go, and counts what the peer has not taken.
 * It knows nothing of messages, states or close codes. It writes to a socket it does not own.
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
  /** Whether a peer that was behind has taken what the socket held for it, since this was last set to `false`. */
  hasMoved = false;
  readonly #socket: Writable;
  readonly #maxBufferedBytes: number;
  readonly #masks: boolean;
  /** Where the queue of this turn has come to; `undefined` while it is empty. */
  #queue: FrameSequence | undefined = undefined;
  /** What the peer had not taken when last looked at; never less than it is now. */
  #unsentBytes = 0;
  /** Data that was written so far, whether or not it was taken. */
  #writtenBytes = 0;
  /** There while the socket has not taken all that it was given. */
  #backlog: WriteBacklog | undefined = undefined;
  #waiters: WriteWaiters | undefined = undefined;
  #state: 'open' | 'ending' | 'stopped' = 'open';
  /** Whether something was forgotten that had been queued. */
  #hasDropped = false;

  /** @param masks - Whether every frame is masked, as a client has to (RFC 6455 §5.3). */
  constructor(socket: Writable, maxBufferedBytes: number, masks = false) {
    this.#socket = socket;
    this.#maxBufferedBytes = maxBufferedBytes;
    this.#masks = masks;
  }

  /** Bytes that were queued and that the operating system has not taken. */
  get bufferedBytes(): number {
    if (this.#state === 'stopped') return 0;
    return this.#untaken() + (this.#queue?.bytes ?? 0);
  }

  /** A number that changes whenever the operating system takes some of what waits; `undefined` while nothing does. */
  get progress(): number | undefined {
    const untaken = unsentBytes(this.#socket);
    return untaken === 0 ? undefined : this.#writtenBytes - (this.#backlog?.bytes ?? 0) - untaken;
  }

  /**
   * Queues data.
   *
   * @returns `false`, and nothing is queued, if more than `maxBufferedBytes` would wait for this peer.
   * A message goes out whatever its size while nothing else waits.
   */
  queue(message: PreparedMessage): boolean {
    const sent = this.#masks ? message.masked() : message;
    const queue = (this.#queue ?? currentTurn.join(this)).followedBy(sent);
    if (queue.bytes + this.#unsentBytes > this.#maxBufferedBytes) return this.#queueLarge(sent);
    this.#queue = queue;
    return true;
  }

  /** Queues what goes before the first frame, and is none: the head of the handshake's answer. */
  queueHead(head: Buffer): void {
    this.#add(new PreparedMessage(head));
  }

  /** Queues a close frame behind everything else, whatever waits. */
  queueLast(message: PreparedMessage): void {
    this.queueAlways(message);
  }

  /** Queues a frame whatever waits. */
  protected queueAlways(message: PreparedMessage): void {
    this.#add(this.#masks ? message.masked() : message);
  }

  /** Queues a ping, before the data if the peer is behind. */
  queuePing(message: PreparedMessage): void {
    if (this.#backlog === undefined) this.queueAlways(message);
    else this.#backlog.putPing(this.#masks ? message.masked().frame : message.frame);
  }

  /** Queues a pong, before the data if the peer is behind. */
  queuePong(message: PreparedMessage): void {
    // One turn may read thousands of pings. A peer that sends them and takes nothing is found out by writing.
    if (this.#queue !== undefined && this.#queue.bytes > this.#maxBufferedBytes) this.onTurnEnd();
    if (this.#backlog === undefined) this.queueAlways(message);
    else this.#backlog.putPong(this.#masks ? message.masked().frame : message.frame);
  }

  /** Forgets all that the socket was not given yet. */
  drop(): void {
    this.#hasDropped = true;
    this.#queue = undefined;
    this.#backlog?.drop();
    this.#waiters?.giveUp();
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
    this.#waiters?.giveUp();
    this.#settle();
  }

  /** Settles when at most so many bytes are buffered, or the writer stopped. */
  drained(mostBytes: number): Promise<void> {
    if (this.bufferedBytes <= mostBytes) return Promise.resolve();
    return (this.#waiters ??= new WriteWaiters()).untilBuffered(mostBytes);
  }

  /** Whether all that is queued by now will have left. */
  sent(): PromiseLike<boolean> {
    return new SendResult(this, this.#writtenBytes + (this.#queue?.bytes ?? 0));
  }

  /** Settles with `true` when all before `position` was taken, with `false` if it never will be. @internal */
  untilTaken(position: number): Promise<boolean> {
    if (this.#state === 'stopped' || this.#hasDropped) return Promise.resolve(false);
    if (position <= this.#takenBytes()) return Promise.resolve(true);
    return (this.#waiters ??= new WriteWaiters()).untilTaken(position);
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
    // No callback: Node then spares a tick for each write that the system takes at once, which is nearly every one.
    this.#socket.write(frames);
    this.#unsentBytes = this.#socket.writableLength;
    if (this.#unsentBytes > 0) this.#fallBehind();
  }

  /** The exact count, and a try at writing, before a peer is called too slow. */
  #queueLarge(frame: PreparedMessage): boolean {
    this.#unsentBytes = this.#untaken();
    if (this.#queue !== undefined && this.#queue.bytes > 0) this.onTurnEnd();
    const fits = this.#unsentBytes + frame.frame.length <= this.#maxBufferedBytes;
    if (!fits && this.#unsentBytes > 0) return false;
    this.#add(frame);
    return true;
  }

  /** How far the peer has come; at most, since frames that overtook the data count as untaken too. */
  #takenBytes(): number {
    // A socket that broke has forgotten what it held.
    if (this.#socket.destroyed || this.#socket.errored !== null) return -1;
    return this.#writtenBytes - this.#untaken();
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
