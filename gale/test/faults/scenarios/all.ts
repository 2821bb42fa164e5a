/** All scenarios, by number. */
import type { Scenario } from '../scenario.ts';
import { connectionScenarios } from './connections.ts';

/** Every scenario of the suite. */
export const scenarios: readonly Scenario[] = [connectionScenarios]
  .flat()
  .toSorted((one, other) => one.number - other.number);
