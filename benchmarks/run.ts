/**
 * `npm run bench -- NAME [--work=...] [--only=...] [--rounds=5] [--seconds=3] [--save]`: measures, and prints a table for
 * each work. `--save` writes each table to benchmarks/results/, with the machine and the versions.
 */
import { GaleError } from 'gale';
import { runBenchmark } from './benchmark.ts';
import { runChatBenchmark } from './chat/chat-benchmark.ts';
import {
  compressBenchmark,
  httpBenchmark,
  routesBenchmark,
  sessionsBenchmark,
  validationBenchmark,
} from './http/benchmark.ts';
import { runJoinBenchmark } from './rooms/join-benchmark.ts';
import { runRedisCostsBenchmark } from './rooms/redis-costs.ts';
import { runRoomsBenchmark } from './rooms/rooms-benchmark.ts';
import { runTableBenchmark } from './template/table.ts';
import { runRequestsBenchmark } from './testing/requests.ts';
import { runMaskBenchmark } from './websocket/mask.ts';
import { runUploadBenchmark } from './upload/upload.ts';
import { connectBenchmark, echoBenchmark, fanoutBenchmark, idleBenchmark } from './websocket/benchmarks.ts';

const benchmarks: Readonly<Record<string, (words: readonly string[]) => Promise<void>>> = {
  http: (words) => runBenchmark(httpBenchmark, words),
  routes: (words) => runBenchmark(routesBenchmark, words),
  validation: (words) => runBenchmark(validationBenchmark, words),
  sessions: (words) => runBenchmark(sessionsBenchmark, words),
  compress: (words) => runBenchmark(compressBenchmark, words),
  fanout: (words) => runBenchmark(fanoutBenchmark, words),
  echo: (words) => runBenchmark(echoBenchmark, words),
  idle: (words) => runBenchmark(idleBenchmark, words),
  connect: (words) => runBenchmark(connectBenchmark, words),
  mask: runMaskBenchmark,
  requests: runRequestsBenchmark,
  table: runTableBenchmark,
  upload: runUploadBenchmark,
  rooms: runRoomsBenchmark,
  'rooms-join': runJoinBenchmark,
  'redis-costs': runRedisCostsBenchmark,
  chat: runChatBenchmark,
};

const usage = `npm run bench -- NAME [options]

NAME is one of ${Object.keys(benchmarks).join(', ')}; npm run bench -- NAME --help lists its options.`;

const [name = '', ...words] = process.argv.slice(2);
try {
  const run = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined;
  if (run !== undefined) await run(words);
  else {
    console.log(usage);
    process.exitCode = process.argv.includes('--help') ? 0 : 1;
  }
} catch (error) {
  // An invalid command line needs no stack.
  console.error(error instanceof GaleError ? error.message : error);
  process.exitCode = 1;
}
