/**
 * Compares the clock of this machine with another one. Servers of one chat write the times of messages, sessions and invites.
 */
import type { Findings } from './finding.ts';

/** Most that clocks may differ, in milliseconds. */
export const maxDifferenceMs = 5000;

/**
 * Reads another clock once.
 *
 * @param read - Returns milliseconds since 1970.
 */
export async function compareClocks(findings: Findings, name: string, read: () => Promise<number>): Promise<void> {
  const before = Date.now();
  const other = await read();
  const after = Date.now();
  // It was read at some moment between.
  const difference = Math.round(other < before ? other - before : other > after ? other - after : 0);
  if (Math.abs(difference) <= maxDifferenceMs) {
    findings.ok(`the clocks of this machine and ${name} agree`);
    return;
  }
  const seconds = Math.abs(difference) / 1000;
  findings.wrong(
    `the clock of ${name} is ${seconds} seconds ${difference > 0 ? 'later' : 'earlier'} than that of this machine; synchronize both, such as with NTP`,
  );
}
