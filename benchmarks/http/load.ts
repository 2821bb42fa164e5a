/**
 * The load of the HTTP benchmark, a separate process: `node load.ts WORK PORT PID SECONDS` sends requests to the server on
 * PORT, which is the process PID, and prints one line of JSON, a {@link Figures}. Any response other than a complete 200, and
 * any broken connection, ends it with exit code 1. It does little work, so that it does not limit the server: all connections
 * receive into one buffer, and bytes are counted where possible instead of parsed.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Figures } from '../figures.ts';
import { Latency } from '../latency.ts';
import { figuresOfMemory, measureWindow, readRestingCost } from '../window.ts';
import { LoadConnection, type LoadTally } from './load-connection.ts';
import { findHttpWork, requestsOf } from './works.ts';

const [name, ...numbers] = process.argv.slice(2);
const [port = 0, pid = 0, seconds = 3] = numbers.map(Number);
const work = findHttpWork(name);
/** Connections opened at once, fewer than any server's backlog. */
const openedTogether = 50;
/** Longest wait for the first response of a connection. */
const firstResponseMilliseconds = 10_000;

const tally: LoadTally = {
  work,
  port,
  batches: batchesOf(requestsOf(work, port), work.depth),
  nextBatch: 0,
  units: 0,
  latency: new Latency(),
  shape: { headBytes: 0, bodyBytes: 0 },
  received: Buffer.allocUnsafeSlow(256 * 1024),
};

process.on('uncaughtException', (error) => fail(error.message));
console.log(JSON.stringify(work.kind === 'idle' ? await measureIdle() : await measure()));
process.exit(0);

async function measure(): Promise<Figures> {
  const connections = Array.from({ length: work.connections }, () => new LoadConnection(tally));
  for (let at = 0; at < connections.length; at += openedTogether) {
    await Promise.all(connections.slice(at, at + openedTogether).map((connection) => connection.open()));
  }
  await allResponded(connections);
  return measureWindow(tally, pid, seconds);
}

function isWaiting(connection: LoadConnection): boolean {
  return connection.responses === 0;
}

/** Waits until each connection has a response: a busy server reaches the last of a thousand late. */
async function allResponded(connections: readonly LoadConnection[]): Promise<void> {
  for (const until = performance.now() + firstResponseMilliseconds; connections.some(isWaiting); await delay(50)) {
    if (performance.now() < until) continue;
    fail(`${connections.filter(isWaiting).length} of ${connections.length} connections got no response.`);
  }
}

/** Resident memory after 1,000 requests on one connection, and again with the idle connections. */
async function measureIdle(): Promise<Figures> {
  const first = new LoadConnection(tally);
  first.rest = 1000;
  await first.open();
  await first.rested;
  first.close();
  const before = await readRestingCost(pid);
  const connections = Array.from({ length: work.connections }, () => new LoadConnection(tally));
  for (let at = 0; at < connections.length; at += openedTogether) {
    const group = connections.slice(at, at + openedTogether);
    for (const connection of group) connection.rest = 1;
    await Promise.all(group.map((connection) => connection.open()));
    await Promise.all(group.map((connection) => connection.rested));
  }
  return figuresOfMemory(before, await readRestingCost(pid), connections.length);
}

/** Batches of `depth` requests; each is one write. */
function batchesOf(requests: readonly Buffer[], depth: number): Buffer[] {
  return requests.map((request) => Buffer.concat(Array.from({ length: depth }, () => request)));
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
