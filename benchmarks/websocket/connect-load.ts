/** The load of handshakes: a fixed number in progress. After each, the connection is reset and the next one opens. */
import { Latency } from '../latency.ts';
import type { Tally } from '../window.ts';
import { Client, type ClientSetting } from './client.ts';
import type { WebSocketWork } from './works.ts';

/** A running series of handshakes. Its units are opened connections; latency includes connecting. */
export class ConnectLoad implements Tally {
  units = 0;
  readonly latency: Latency = new Latency();

  /** Starts to connect. */
  static start(setting: ClientSetting, work: WebSocketWork): ConnectLoad {
    const load = new ConnectLoad();
    for (let index = 0; index < work.connections; index += 1) void load.#connect(setting);
    return load;
  }

  async #connect(setting: ClientSetting): Promise<void> {
    for (;;) {
      const client = new Client(setting, rejectMessages);
      const startedAt = performance.now();
      await client.open();
      this.latency.record(performance.now() - startedAt, 1);
      this.units += 1;
      client.reset();
    }
  }
}

function rejectMessages(): void {
  throw new Error('Received an unexpected message.');
}
