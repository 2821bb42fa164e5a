/** The part of measured-server.ts that runs in the process of the server: it replies to `measure` with a {@link Measurement}. */
import { readdirSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import type { HttpServer } from '../../../src/http/server.ts';
import type { Measurement } from './measured-server.ts';

/** Counts that only the program itself knows. */
type Counts = Pick<Measurement, 'running' | 'full' | 'complaints'>;

/** Sends measurements to the parent process until it disconnects, then ends this process. Needs `--expose-gc`. */
export function reportMeasurements(server: HttpServer, count: () => Counts): void {
  process.on('message', () => void measure(server, count).then((measurement) => process.send?.(measurement)));
  process.on('disconnect', () => process.exit());
}

async function measure(server: HttpServer, count: () => Counts): Promise<Measurement> {
  // The memory of the last connections is released over a few turns.
  for (let round = 0; round < 5; round++) {
    await turn();
    globalThis.gc?.();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return {
    connections: server.connectionCount,
    deadlines: server.wheel.size,
    ...count(),
    sockets: process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length,
    fileDescriptors: process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0,
    memoryBytes: heapUsed + external,
    residentBytes: rss,
  };
}
