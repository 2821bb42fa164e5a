/** The window of time in which a load measures the server: what was counted, against the operating system's books. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Figures } from './figures.ts';
import type { Latency } from './latency.ts';
import { readProcessCost, type ProcessCost } from './process-cost.ts';

/** What a load counts while it runs. */
export interface Tally {
  /** Complete units so far. */
  units: number;
  readonly latency: Latency;
}

const warmMilliseconds = 1000;
/** How long memory is left to come to rest; shorter than any server's keep-alive timeout. */
const restMilliseconds = 1000;

/**
 * Lets a load that runs already warm the server up, then measures for `seconds`.
 *
 * @param tally - Is emptied when the window begins.
 * @param pid - The server's process.
 * @throws If nothing was counted.
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
  if (units === 0) throw new Error(`Nothing was done within ${seconds} s.`);
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

/** The books of a server that was left to come to rest. */
export async function readRestingCost(pid: number): Promise<ProcessCost> {
  await delay(restMilliseconds);
  return readProcessCost(pid);
}

/** What `connections` added to a process between two readings. */
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
