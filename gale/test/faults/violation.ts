/** The invariants that the suite judges, and how a broken one is reported. */

/** Every invariant in one sentence; docs/reference/faults.md lists them. */
export const invariants = {
  I1: 'Every acknowledged message is in the stream until it is trimmed, and reaches every consumer that stays or returns.',
  I2: 'Offsets are contiguous in an epoch and name one message each. A consumer gets each message once, and messages of one publisher in their order.',
  I3: 'The stream contains each id of a person once. All replies to its retries have the same position.',
  I4: 'A hole, a trimmed range or a lost stream is announced before later data.',
  I5: 'A person who was away gets the newest kept messages in order, with the exact count of the others.',
  I6: 'Presence shows who is there, within the lease and one sweep.',
  I7: 'Connections, memory and keys of Redis return to their start.',
  I8: 'Healthy clients keep a p99 from publish to delivery below twice that of the same clients without the fault, or below 100 ms.',
} as const;

/** The name of an invariant. */
export type Invariant = keyof typeof invariants;

/** An invariant that was broken, or `scenario` for an expectation of one scenario. */
export interface Violation {
  readonly invariant: Invariant | 'scenario';
  /** Who saw what, and what was expected. */
  readonly text: string;
}
