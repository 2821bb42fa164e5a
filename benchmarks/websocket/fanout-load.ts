/**
 * The load of a fan-out: the first client sends, all receive. A message is in flight until all clients have it; then the next
 * one is sent. Messages that can be sent in one turn of the event loop are sent in one write.
 */
import { Latency } from '../latency.ts';
import type { Tally } from '../window.ts';
import { openClients, type Client, type ClientSetting } from './client.ts';
import type { WebSocketWork } from './works.ts';

/** A running fan-out. Its units are deliveries; latency is the time until the last receiver has a message. */
export class FanoutLoad implements Tally {
  units = 0;
  readonly latency: Latency = new Latency();
  readonly #receiverCount: number;
  /** For each message in flight, by its index in the ring: the number of clients that have it, and when it was sent. */
  readonly #arrived: Uint32Array;
  readonly #sentAt: Float64Array;
  #publisher: Client | undefined;
  /** Number of messages that may be sent. */
  #due = 0;

  /** @param ringCount - Number of messages after which they repeat. */
  private constructor(receiverCount: number, ringCount: number) {
    this.#receiverCount = receiverCount;
    this.#arrived = new Uint32Array(ringCount);
    this.#sentAt = new Float64Array(ringCount);
  }

  /** Opens all connections and starts to send. */
  static async start(setting: ClientSetting, work: WebSocketWork): Promise<FanoutLoad> {
    const load = new FanoutLoad(work.connections, setting.ring.count);
    const clients = await openClients(setting, work.connections, (client, count) => load.#take(client, count));
    load.#publisher = clients[0];
    load.#due = work.inFlight;
    load.#sendDue();
    return load;
  }

  #take(receiver: Client, count: number): void {
    const ringCount = this.#arrived.length;
    const end = receiver.received + count;
    if (end > (this.#publisher?.sent ?? 0)) throw new Error('Received an unexpected message.');
    this.units += count;
    for (let number = receiver.received; number < end; number += 1) {
      const place = number % ringCount;
      const arrived = this.#arrived[place]! + 1;
      this.#arrived[place] = arrived;
      if (arrived === this.#receiverCount) this.#complete(place);
    }
  }

  #complete(place: number): void {
    this.#arrived[place] = 0;
    this.latency.record(performance.now() - this.#sentAt[place]!, 1);
    if (this.#due === 0) setImmediate(() => this.#sendDue());
    this.#due += 1;
  }

  #sendDue(): void {
    const publisher = this.#publisher!;
    const now = performance.now();
    for (let number = publisher.sent; number < publisher.sent + this.#due; number += 1) {
      this.#sentAt[number % this.#sentAt.length] = now;
    }
    publisher.send(this.#due);
    this.#due = 0;
  }
}
