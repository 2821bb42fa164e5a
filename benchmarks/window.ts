/** The time window of a measurement: the counted units and the CPU time that the server used meanwhile. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Figures } from './figures.ts';
import type { Latency } from './latency.ts';
import { readProcessCost, type ProcessCost } from './process-cost.ts';

/** Counts of a running load. */
export interface Tally {
  /** Complete units so far. */
  units: number;
  readonly latency: Latency;
}

const warmSeconds = 1;
/** How much longer than its seconds a wait may be, if other programs use the core of the server too. */
const maxStretch = 5;
const pollMilliseconds = 20;
/** Wait before memory is read, so that it is stable; shorter than any server's keep-alive timeout. */
const restMilliseconds = 1000;

/**
 * Lets the running load warm the server up, then measures until the server has used `seconds` of CPU time. On a busy machine that takes up to
 * five times as long: a server that was hardly running is not warm, and its CPU time is known to 10 ms only.
 *
 * @param tally - Reset when the window begins.
 * @param pid - The server's process.
 * @throws If no unit was counted.
 */
export async function measureWindow(tally: Tally, pid: number, seconds: number): Promise<Figures> {
  await untilUsed(pid, warmSeconds);
  tally.units = 0;
  tally.latency.clear();
  const startedAt = performance.now();
  const [ownBefore, before] = [process.cpuUsage(), readProcessCost(pid)];
  await untilUsed(pid, seconds);
  const [ownAfter, after] = [process.cpuUsage(ownBefore), readProcessCost(pid)];
  const elapsed = (performance.now() - startedAt) / 1000;
  const { units, latency } = tally;
  if (units === 0) throw new Error(`No unit was completed within ${seconds} s.`);
  const cpuMicroseconds = after.cpuMicroseconds - before.cpuMicroseconds;
  return {
    unitsPerSecond: units / elapsed,
    cpuMicrosecondsPerUnit: cpuMicroseconds / units,
    p50Milliseconds: latency.at(0.5),
    p99Milliseconds: latency.at(0.99),
    residentBytes: after.residentBytes,
    serverShare: cpuMicroseconds / 1e6 / elapsed,
    loadShare: (ownAfter.user + ownAfter.system) / 1e6 / elapsed,
    residentBytesEach: 0,
  };
}

/** Waits until the server has used so much CPU time. */
async function untilUsed(pid: number, seconds: number): Promise<void> {
  const before = readProcessCost(pid).cpuMicroseconds;
  const until = performance.now() + seconds * 1000 * maxStretch;
  do await delay(pollMilliseconds);
  while (readProcessCost(pid).cpuMicroseconds - before < seconds * 1e6 && performance.now() < until);
}

/** Cost of an idle server, after a wait. */
export async function readRestingCost(pid: number): Promise<ProcessCost> {
  await delay(restMilliseconds);
  return readProcessCost(pid);
}

/** Memory that each of `connections` added to a process between two readings. */
export function figuresOfMemory(before: ProcessCost, after: ProcessCost, connections: number): Figures {
  return {
    unitsPerSecond: 0,
    cpuMicrosecondsPerUnit: 0,
    p50Milliseconds: 0,
    p99Milliseconds: 0,
    residentBytes: after.residentBytes,
    serverShare: 0,
    loadShare: 0,
    residentBytesEach: (after.residentBytes - before.residentBytes) / connections,
  };
}
