/**
 * CPU time and memory of a process, from the accounting of the operating system (Linux: /proc).
 * CPU time is the user and system time of all its threads.
 */
import { readFileSync } from 'node:fs';

/** Clock ticks per second in /proc/PID/stat; 100 on every Linux that Node.js runs on. */
const ticksPerSecond = 100;

/** CPU time and memory of one process at one moment. */
export interface ProcessCost {
  /** Since the process started, in microseconds, with a resolution of 10,000. */
  readonly cpuMicroseconds: number;
  /** Resident memory, in bytes. */
  readonly residentBytes: number;
}

/**
 * Reads the cost of a process synchronously, so that it belongs to the moment of the call.
 *
 * @param pid - A process on this machine.
 * @throws If the process has ended.
 */
export function readProcessCost(pid: number): ProcessCost {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Field 2, the name, may contain spaces and brackets, so count fields from after its last bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [userTicks, systemTicks, residentPages] = [fields[11], fields[12], fields[21]].map(Number);
  return {
    cpuMicroseconds: (((userTicks ?? 0) + (systemTicks ?? 0)) / ticksPerSecond) * 1_000_000,
    residentBytes: (residentPages ?? 0) * 4096,
  };
}
