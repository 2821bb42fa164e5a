/** All scenarios, by number. */
import type { Scenario } from '../scenario.ts';
import { connectionScenarios } from './connections.ts';
import { loadScenarios } from './load.ts';
import { positionScenarios } from './positions.ts';
import { publishingScenarios } from './publishing.ts';
import { stormScenarios } from './storms.ts';

/** Every scenario of the suite. */
export const scenarios: readonly Scenario[] = [
  connectionScenarios,
  positionScenarios,
  publishingScenarios,
  loadScenarios,
  stormScenarios,
]
  .flat()
  .toSorted((one, other) => one.number - other.number);
