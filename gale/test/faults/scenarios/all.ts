/** All scenarios, by number. */
import type { Scenario } from '../scenario.ts';
import { connectionScenarios } from './connections.ts';
import { exhaustionScenarios } from './exhaustion.ts';
import { inboxScenarios } from './inbox.ts';
import { loadScenarios } from './load.ts';
import { lostDataScenarios } from './lost-data.ts';
import { nodeScenarios } from './nodes.ts';
import { positionScenarios } from './positions.ts';
import { publishingScenarios } from './publishing.ts';
import { redisScenarios } from './redis.ts';
import { sqliteScenarios } from './sqlite.ts';
import { stormScenarios } from './storms.ts';

/** Every scenario of the suite. */
export const scenarios: readonly Scenario[] = [
  connectionScenarios,
  positionScenarios,
  publishingScenarios,
  loadScenarios,
  exhaustionScenarios,
  stormScenarios,
  redisScenarios,
  lostDataScenarios,
  sqliteScenarios,
  nodeScenarios,
  inboxScenarios,
]
  .flat()
  .toSorted((one, other) => one.number - other.number);
