/** The half of measured-server.ts that runs in the server's process: it answers `measure` with a {@link Measurement}. */
import { readdirSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import type { HttpServer } from '../../../src/http/server.ts';
import type { Measurement } from './measured-server.ts';

/** What only the program itself can count. */
type Counts = Pick<Measurement, 'running' | 'full' | 'complaints'>;

/** Answers the parent process until it goes, and then ends this one. Needs `--expose-gc`. */
export function answerMeasurements(server: HttpServer, count: () => Counts): void {
  process.on('message', () => void measure(server, count).then((measurement) => process.send?.(measurement)));
  process.on('disconnect', () => process.exit());
}

async function measure(server: HttpServer, count: () => Counts): Promise<Measurement> {
  // What the last connections left behind is let go of over a few turns.
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
