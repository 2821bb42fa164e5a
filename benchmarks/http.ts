/** The HTTP benchmark: `Hello, world!` over keep-alive connections, against the floor and `node:http`. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readProcessCost } from './process-cost.ts';
import { startServer, type Contestant } from './server-process.ts';

const contestants: readonly Contestant[] = [
  { name: 'floor (node:net, fixed bytes)', words: ['benchmarks/servers/floor-http.ts'] },
  { name: 'gale', words: ['examples/run.ts', 'hello'] },
  { name: 'node:http', words: ['benchmarks/servers/node-http.ts'] },
];

/** One contestant's figures in one round. */
export interface HttpRound {
  readonly name: string;
  readonly requestsPerSecond: number;
  readonly cpuMicrosecondsPerRequest: number;
  readonly residentMegabytes: number;
}

/**
 * Measures every contestant once, each in a fresh process that was warmed up.
 *
 * @param shape - `connections` open at once, `depth` requests sent together on each, `seconds` of load.
 */
export async function measureHttp(shape: {
  readonly connections: number;
  readonly depth: number;
  readonly seconds: number;
}): Promise<HttpRound[]> {
  const rounds: HttpRound[] = [];
  for (const contestant of contestants) {
    const server = await startServer(contestant);
    try {
      await load(server.port, { ...shape, seconds: 1 });
      const before = await readProcessCost(server.pid);
      const { requests, seconds } = await load(server.port, shape);
      const after = await readProcessCost(server.pid);
      rounds.push({
        name: contestant.name,
        requestsPerSecond: requests / seconds,
        cpuMicrosecondsPerRequest: (after.cpuMicroseconds - before.cpuMicroseconds) / requests,
        residentMegabytes: after.residentBytes / 1e6,
      });
    } finally {
      await server.stop();
    }
  }
  return rounds;
}

async function load(
  port: number,
  shape: { readonly connections: number; readonly depth: number; readonly seconds: number },
): Promise<{ requests: number; seconds: number }> {
  const file = fileURLToPath(new URL('http-load.ts', import.meta.url));
  const words = [port, shape.connections, shape.depth, shape.seconds].map(String);
  const { stdout } = await promisify(execFile)('taskset', ['--cpu-list', '1', process.execPath, file, ...words]);
  return JSON.parse(stdout) as { requests: number; seconds: number };
}
