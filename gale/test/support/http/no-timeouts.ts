import type { DeadlineSettings } from '../../../src/http/timing/client-deadlines.ts';

/** Settings of `ClientDeadlines` with every timeout off. */
export const noTimeouts: DeadlineSettings = {
  headTimeoutMs: 0,
  bodyTimeoutMs: 0,
  requestTimeoutMs: 0,
  minBodyBytesPerSecond: 0,
  bodyRateGraceMs: 0,
  halfClosedTimeoutMs: 0,
};
