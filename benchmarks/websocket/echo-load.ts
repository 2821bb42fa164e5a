/** The load of an echo: each client sends its messages together, and the next ones after all have returned. */
import { Latency } from '../latency.ts';
import type { Tally } from '../window.ts';
import { openClients, type Client, type ClientSetting } from './client.ts';
import type { WebSocketWork } from './works.ts';

/** A running echo. Its units are returned messages; latency is the time from sending to the return of each. */
export class EchoLoad implements Tally {
  units = 0;
  readonly latency: Latency = new Latency();
  readonly #inFlight: number;
  readonly #sentAt: Map<Client, number> = new Map();

  private constructor(inFlight: number) {
    this.#inFlight = inFlight;
  }

  /** Opens all connections and starts to send. */
  static async start(setting: ClientSetting, work: WebSocketWork): Promise<EchoLoad> {
    const load = new EchoLoad(work.inFlight);
    const clients = await openClients(setting, work.connections, (client, count) => load.#take(client, count));
    for (const client of clients) load.#send(client);
    return load;
  }

  #send(client: Client): void {
    this.#sentAt.set(client, performance.now());
    client.send(this.#inFlight);
  }

  #take(client: Client, count: number): void {
    const received = client.received + count;
    if (received > client.sent) throw new Error('Received an unexpected message.');
    this.units += count;
    this.latency.record(performance.now() - this.#sentAt.get(client)!, count);
    if (received === client.sent) this.#send(client);
  }
}
