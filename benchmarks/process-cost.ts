/**
 * What a process has cost so far, from the operating system's books (Linux: /proc).
 * CPU time is user and system time of all its threads.
 */
import { readFileSync } from 'node:fs';

/** Clock ticks per second in /proc/PID/stat; 100 on every Linux that Node.js runs on. */
const ticksPerSecond = 100;

/** CPU time and memory of one process at one moment. */
export interface ProcessCost {
  /** Since the process began, in microseconds; the books have a grain of 10,000. */
  readonly cpuMicroseconds: number;
  /** Resident memory, in bytes. */
  readonly residentBytes: number;
}

/**
 * Reads the books of a process; at once, so that they belong to the moment at which it is called.
 *
 * @param pid - A process on this machine.
 * @throws If it is gone.
 */
export function readProcessCost(pid: number): ProcessCost {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name, field 2, may hold anything, blanks and brackets too: count from behind its last bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [userTicks, systemTicks, residentPages] = [fields[11], fields[12], fields[21]].map(Number);
  return {
    cpuMicroseconds: (((userTicks ?? 0) + (systemTicks ?? 0)) / ticksPerSecond) * 1_000_000,
    residentBytes: (residentPages ?? 0) * 4096,
  };
}
