/**
 * One of the concurrent connections of the load. It sends its next requests after the responses to the last ones. In the work
 * `connect` it is a series of connections, one per request. It throws on any unexpected event.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Tally } from '../window.ts';
import { ResponseCounter, type ResponseShape } from './response-counter.ts';
import type { HttpWork } from './works.ts';

/** Shared by all connections of a load; its units are complete responses. */
export interface LoadTally extends Tally {
  readonly work: HttpWork;
  readonly port: number;
  /** Batches of requests; each is one write. */
  readonly batches: readonly Buffer[];
  /** Index of the next batch. */
  nextBatch: number;
  readonly shape: ResponseShape;
  /** Shared receive buffer; its content is read before the next connection receives. */
  readonly received: Buffer;
}

/** A connection of the load. */
export class LoadConnection {
  /** Batches still to send; infinite unless set. */
  rest: number = Infinity;
  /** Complete responses so far. */
  responses = 0;
  /** Resolves after the responses to `rest` batches. */
  readonly rested: Promise<void>;
  readonly #tally: LoadTally;
  #settleRested: () => void = () => undefined;
  #socket: Socket | undefined;
  #counter: ResponseCounter;
  #outstanding = 0;
  #sentAt = 0;

  constructor(tally: LoadTally) {
    this.#tally = tally;
    this.#counter = new ResponseCounter(tally.shape);
    this.rested = new Promise((resolve) => {
      this.#settleRested = resolve;
    });
  }

  /** Connects and sends; resolves when connected. */
  async open(): Promise<void> {
    const { port, received, shape, work } = this.#tally;
    const openedAt = performance.now();
    this.#counter = new ResponseCounter(shape);
    const onread = { buffer: received, callback: (length: number) => this.#take(length) };
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
    this.#socket = socket;
    socket.on('close', () => this.#onClose());
    await once(socket, 'connect');
    this.#send();
    // In the work `connect`, latency includes connecting.
    if (work.kind === 'connect') this.#sentAt = openedAt;
  }

  /** Closes a connection without outstanding requests. */
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
    this.responses += complete;
    this.#outstanding -= complete;
    if (this.#outstanding < 0) throw new Error('Received a response without a request.');
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
