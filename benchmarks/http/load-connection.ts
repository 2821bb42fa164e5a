/**
 * One of the connections that the load keeps open at once: it sends its next requests when the last were answered; with
 * the work `connect` it is a series of connections, one for each request. It throws for whatever should not happen.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Tally } from '../window.ts';
import { AnswerCounter, type AnswerShape } from './answer-counter.ts';
import type { HttpWork } from './works.ts';

/** What all connections of a load share; its units are complete answers. */
export interface LoadTally extends Tally {
  readonly work: HttpWork;
  readonly port: number;
  /** What is written at once, in turn. */
  readonly batches: readonly Buffer[];
  /** Index of the batch that is written next. */
  nextBatch: number;
  readonly shape: AnswerShape;
  /** Receives for everybody; read before the next one receives. */
  readonly received: Buffer;
}

/** A connection of the load. */
export class LoadConnection {
  /** Batches still to be sent; the load goes on until it is ended, unless this is set. */
  rest: number = Infinity;
  /** Complete answers so far. */
  answers = 0;
  /** Settles when `rest` batches were answered. */
  readonly rested: Promise<void>;
  readonly #tally: LoadTally;
  #settleRested: () => void = () => undefined;
  #socket: Socket | undefined;
  #counter: AnswerCounter;
  #outstanding = 0;
  #sentAt = 0;

  constructor(tally: LoadTally) {
    this.#tally = tally;
    this.#counter = new AnswerCounter(tally.shape);
    this.rested = new Promise((resolve) => {
      this.#settleRested = resolve;
    });
  }

  /** Connects and sends; settles when connected. */
  async open(): Promise<void> {
    const { port, received, shape, work } = this.#tally;
    const openedAt = performance.now();
    this.#counter = new AnswerCounter(shape);
    const onread = { buffer: received, callback: (length: number) => this.#take(length) };
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
    this.#socket = socket;
    socket.on('close', () => this.#onClose());
    await once(socket, 'connect');
    this.#send();
    // Whoever needs a connection for each request waits for that too.
    if (work.kind === 'connect') this.#sentAt = openedAt;
  }

  /** Ends a connection that has nothing outstanding. */
  close(): void {
    this.#socket?.removeAllListeners('close');
    this.#socket?.destroy();
  }

  #send(): void {
    const tally = this.#tally;
    this.rest -= 1;
    this.#outstanding = tally.work.depth;
    this.#sentAt = performance.now();
    this.#socket?.write(tally.batches[tally.nextBatch] as Buffer);
    tally.nextBatch = tally.nextBatch + 1 === tally.batches.length ? 0 : tally.nextBatch + 1;
  }

  #take(length: number): boolean {
    const tally = this.#tally;
    const complete = this.#counter.take(tally.received, length);
    if (complete === 0) return true;
    tally.latency.record(performance.now() - this.#sentAt, complete);
    tally.units += complete;
    this.answers += complete;
    this.#outstanding -= complete;
    if (this.#outstanding < 0) throw new Error('An answer came that nobody asked for.');
    if (this.#outstanding > 0 || tally.work.kind === 'connect') return true;
    if (this.rest === 0) this.#settleRested();
    else this.#send();
    return true;
  }

  #onClose(): void {
    if (this.#tally.work.kind !== 'connect' || this.#outstanding > 0)
      throw new Error('The server closed a connection.');
    void this.open();
  }
}
