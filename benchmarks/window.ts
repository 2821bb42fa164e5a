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

const warmMilliseconds = 1000;
/** Wait before memory is read, so that it is stable; shorter than any server's keep-alive timeout. */
const restMilliseconds = 1000;

/**
 * Lets the running load warm the server up, then measures for `seconds`.
 *
 * @param tally - Reset when the window begins.
 * @param pid - The server's process.
 * @throws If no unit was counted.
 */
export async function measureWindow(tally: Tally, pid: number, seconds: number): Promise<Figures> {
  await delay(warmMilliseconds);
  tally.units = 0;
  tally.latency.clear();
  const startedAt = performance.now();
  const [ownBefore, before] = [process.cpuUsage(), readProcessCost(pid)];
  await delay(seconds * 1000);
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
