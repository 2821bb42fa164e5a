/** Judges I5 to I8 from what a scenario measured: an inbox, presence, resources and latencies. */
import type { Violation } from './violation.ts';

/** What a person got after an absence, and what they should have got. */
export interface InboxRecord {
  /** Ids of all messages that were stored after the person's cursor, in order. */
  readonly stored: readonly string[];
  /** Number of messages that the room keeps. */
  readonly kept: number;
  /** Ids that the person got, in order. */
  readonly received: readonly string[];
  /** The count of the others, as the server said it. */
  readonly dropped: number;
}

/** I5: exactly the newest kept messages, in order, and the exact count of the others. */
export function judgeInbox({ stored, kept, received, dropped }: InboxRecord): Violation[] {
  const expected = stored.slice(-kept);
  const violations: Violation[] = [];
  if (JSON.stringify(received) !== JSON.stringify(expected)) {
    const at = expected.findIndex((id, index) => received[index] !== id);
    const text = `got ${received.length} messages instead of ${expected.length}; the first difference is at ${at}: ${received[at]} instead of ${expected[at]}`;
    violations.push({ invariant: 'I5', text });
  }
  const count = stored.length - expected.length;
  if (dropped !== count) violations.push({ invariant: 'I5', text: `dropped is ${dropped}; must be ${count}` });
  return violations;
}

/** I6: the people that a room shows are the people who are there. */
export function judgePresence(shown: readonly string[], present: readonly string[]): Violation[] {
  const [left, right] = [shown, present].map((names) => names.toSorted().join(', '));
  return left === right ? [] : [{ invariant: 'I6', text: `the room shows ${left}; there are ${right}` }];
}

/** Resources of a node or of Redis at one moment. */
export interface Resources {
  readonly connections: number;
  /** Resident memory after a garbage collection, in MiB. */
  readonly residentMiB: number;
  /** Keys of Redis without those that expire soon. */
  readonly keys?: number;
}

/** I7: connections and keys return to their start, and memory to at most `slackMiB` more. */
export function judgeResources(before: Resources, after: Resources, slackMiB: number): Violation[] {
  const violations: Violation[] = [];
  const add = (text: string): void => void violations.push({ invariant: 'I7', text });
  if (after.connections > before.connections)
    add(`connections: ${before.connections} before, ${after.connections} after`);
  if ((after.keys ?? 0) > (before.keys ?? 0)) add(`keys of Redis: ${before.keys} before, ${after.keys} after`);
  if (after.residentMiB > before.residentMiB + slackMiB) {
    add(
      `memory: ${before.residentMiB} MiB before, ${after.residentMiB} MiB after; at most ${slackMiB} MiB more is allowed`,
    );
  }
  return violations;
}

/** The limit below which a p99 is never a violation, in milliseconds: two cores also run the clients and Redis. */
const floorMs = 100;

/** I8: the p99 of healthy clients is below twice that without the fault, or below 100 ms. */
export function judgeLatency(without: readonly number[], during: readonly number[]): Violation[] {
  const [before, after] = [percentile(without, 0.99), percentile(during, 0.99)];
  if (after <= Math.max(2 * before, floorMs)) return [];
  return [
    { invariant: 'I8', text: `p99 is ${Math.round(after)} ms during the fault, ${Math.round(before)} ms without` },
  ];
}

/** The value below which the share `part` of the values is; 0 without values. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
