/** Runs one scenario and turns everything that goes wrong into violations of its result. */
import type { Judgement } from './checker.ts';
import type { Result, Scenario } from './scenario.ts';
import { Trial } from './trial.ts';

/** Runs a scenario with a seed; the same seed makes the same choices. Never rejects. */
export async function runScenario(scenario: Scenario, seed: number): Promise<Result> {
  const beganAt = performance.now();
  const trial = new Trial(seed);
  const { promise: late, reject } = Promise.withResolvers<never>();
  late.catch(() => {});
  const { timeoutMs = 120_000 } = scenario;
  const timer = setTimeout(() => reject(new Error(`the scenario did not end within ${timeoutMs} ms`)), timeoutMs);
  let judgement: Judgement;
  try {
    judgement = await Promise.race([scenario.run(trial).then(() => trial.judge()), late]);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const none = { sent: 0, acknowledged: 0, delivered: 0, repeated: 0, lost: 0, announced: 0 };
    judgement = { ...none, violations: [...trial.violations, { invariant: 'scenario', text }] };
  } finally {
    clearTimeout(timer);
    await trial.close();
  }
  const { recoveryMs, notes } = trial;
  return { scenario, seed, ...judgement, recoveryMs, notes, tookMs: Math.round(performance.now() - beganAt) };
}
