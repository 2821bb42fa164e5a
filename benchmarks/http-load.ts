/**
 * The load of the HTTP benchmark, a process of its own: `node http-load.ts WORK PORT PID SECONDS` asks the server on PORT,
 * which is the process PID, and prints one line of JSON, a {@link LoadFigures}. Whatever is no complete 200, and every
 * connection that breaks, ends it with exit code 1. Lean, because it must not be what limits the server: one buffer for
 * all that is received, nothing parsed that can be counted.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { httpWorks, requestsOf } from './http-works.ts';
import { Latency } from './latency.ts';
import { LoadConnection, type LoadTally } from './load-connection.ts';
import { readProcessCost } from './process-cost.ts';

/** What one measurement yields. */
export interface LoadFigures {
  readonly requestsPerSecond: number;
  readonly cpuMicrosecondsPerRequest: number;
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
  readonly residentBytes: number;
  /** Share of one core that the server had, 1 for the whole. */
  readonly serverShare: number;
  /** Share of one core that the load had; near 1 it may have been the limit of requests per second. */
  readonly loadShare: number;
  /** Of idle connections: what each added to resident memory. 0 for other works. */
  readonly residentBytesEach: number;
}

const [name, ...numbers] = process.argv.slice(2);
const [port = 0, pid = 0, seconds = 3] = numbers.map(Number);
const work = httpWorks.find((known) => known.name === name) ?? fail(`There is no work ${name}.`);
const warmMilliseconds = 1000;
/** Connections that are opened together: fewer than any server's backlog. */
const openedTogether = 50;
/** How long a connection may wait for its first answer. */
const firstAnswerMilliseconds = 10_000;
/** How long memory is left to come to rest; shorter than any server's keep-alive timeout. */
const settleMilliseconds = 1000;

const tally: LoadTally = {
  work,
  port,
  batches: batchesOf(requestsOf(work, port), work.depth),
  nextBatch: 0,
  answers: 0,
  latency: new Latency(),
  shape: { headBytes: 0, bodyBytes: 0 },
  received: Buffer.allocUnsafeSlow(256 * 1024),
};

process.on('uncaughtException', (error) => fail(error.message));
console.log(JSON.stringify(work.kind === 'idle' ? await measureIdle() : await measure()));
process.exit(0);

async function measure(): Promise<LoadFigures> {
  const connections = Array.from({ length: work.connections }, () => new LoadConnection(tally));
  for (let at = 0; at < connections.length; at += openedTogether) {
    await Promise.all(connections.slice(at, at + openedTogether).map((connection) => connection.open()));
  }
  await everyoneAnswered(connections);
  await delay(warmMilliseconds);
  tally.answers = 0;
  tally.latency.clear();
  const startedAt = performance.now();
  const [ownBefore, before] = [process.cpuUsage(), readProcessCost(pid)];
  await delay(seconds * 1000);
  const [ownAfter, after] = [process.cpuUsage(ownBefore), readProcessCost(pid)];
  const elapsed = (performance.now() - startedAt) / 1000;
  const cpuMicroseconds = after.cpuMicroseconds - before.cpuMicroseconds;
  return {
    requestsPerSecond: tally.answers / elapsed,
    cpuMicrosecondsPerRequest: cpuMicroseconds / tally.answers,
    p50Milliseconds: tally.latency.at(0.5),
    p99Milliseconds: tally.latency.at(0.99),
    residentBytes: after.residentBytes,
    serverShare: cpuMicroseconds / 1e6 / elapsed,
    loadShare: (ownAfter.user + ownAfter.system) / 1e6 / elapsed,
    residentBytesEach: 0,
  };
}

function isWaiting(connection: LoadConnection): boolean {
  return connection.answers === 0;
}

/** Waits until each connection has had an answer: a busy server comes to the last of a thousand late. */
async function everyoneAnswered(connections: readonly LoadConnection[]): Promise<void> {
  for (const until = performance.now() + firstAnswerMilliseconds; connections.some(isWaiting); await delay(50)) {
    if (performance.now() < until) continue;
    fail(`${connections.filter(isWaiting).length} of ${connections.length} connections got no answer.`);
  }
}

/** Resident memory after 1,000 requests on one connection, and again with the idle connections. */
async function measureIdle(): Promise<LoadFigures> {
  const first = new LoadConnection(tally);
  first.rest = 1000;
  await first.open();
  await first.rested;
  first.close();
  await delay(settleMilliseconds);
  const before = readProcessCost(pid);
  const connections = Array.from({ length: work.connections }, () => new LoadConnection(tally));
  for (let at = 0; at < connections.length; at += openedTogether) {
    const group = connections.slice(at, at + openedTogether);
    for (const connection of group) connection.rest = 1;
    await Promise.all(group.map((connection) => connection.open()));
    await Promise.all(group.map((connection) => connection.rested));
  }
  await delay(settleMilliseconds);
  const after = readProcessCost(pid);
  return {
    requestsPerSecond: 0,
    cpuMicrosecondsPerRequest: 0,
    p50Milliseconds: 0,
    p99Milliseconds: 0,
    residentBytes: after.residentBytes,
    serverShare: 0,
    loadShare: 0,
    residentBytesEach: (after.residentBytes - before.residentBytes) / connections.length,
  };
}

/** What is written at once: `depth` requests. */
function batchesOf(requests: readonly Buffer[], depth: number): Buffer[] {
  return requests.map((request) => Buffer.concat(Array.from({ length: depth }, () => request)));
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
