/** Benchmarks over WebSocket: broadcast, echo, handshakes, and the memory of idle connections. */
import type { Benchmark } from '../benchmark.ts';
import { broadcastContestants, echoContestants, idleContestants } from './contestants.ts';
import { checkMessages } from './message-check.ts';
import { connectWorks, echoWorks, fanoutWorks, idleWorks, type WebSocketWork } from './works.ts';

const broadcasting = {
  protocol: 'WebSocket',
  contestants: broadcastContestants,
  references: ['floor', 'floor-joined', 'ws', 'bun'],
  check: checkMessages,
  load: new URL('load.ts', import.meta.url),
} as const;
const echoing = { ...broadcasting, contestants: echoContestants } as const;

/** `npm run bench -- fanout`. */
export const fanoutBenchmark: Benchmark<WebSocketWork> = { ...broadcasting, name: 'fanout', works: fanoutWorks };

/** `npm run bench -- echo`. */
export const echoBenchmark: Benchmark<WebSocketWork> = { ...echoing, name: 'echo', works: echoWorks };

/** `npm run bench -- connect`. */
export const connectBenchmark: Benchmark<WebSocketWork> = { ...echoing, name: 'connect', works: connectWorks };

/** `npm run bench -- idle`. */
export const idleBenchmark: Benchmark<WebSocketWork> = {
  ...broadcasting,
  name: 'idle',
  works: idleWorks,
  contestants: idleContestants,
};
