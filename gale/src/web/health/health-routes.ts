/** Routes for whatever supervises a server: whether it serves, and whether it can do its work. */
import { GaleError } from '../../errors.ts';
import {
  assertFunctions,
  assertNames,
  assertObject,
  maxTimerMs,
  readIntegers,
  wrongValue,
  type NumberRange,
} from '../../run/given-options.ts';
import { RequestHandler } from '../handler.ts';
import type { HandlerClass } from '../route.ts';
import { HealthChecks, type HealthCheck } from './health-checks.ts';

/** Options of {@link healthRoutes}. */
export interface HealthOptions {
  /** The checks by name. A name is shown to clients, an error is not. @defaultValue none */
  readonly checks?: Readonly<Record<string, HealthCheck>>;
  /** How long one check may take, in milliseconds. @defaultValue 3 000 */
  readonly timeoutMs?: number;
  /** How long a result is reused, in milliseconds. @defaultValue 1 000 */
  readonly reuseMs?: number;
  /** Path of the route that says whether the server serves. @defaultValue '/healthz' */
  readonly livePath?: string;
  /** Path of the route that runs the checks. @defaultValue '/readyz' */
  readonly readyPath?: string;
}

const ranges: Readonly<Record<'timeoutMs' | 'reuseMs', NumberRange>> = {
  timeoutMs: [3_000, 1, maxTimerMs],
  reuseMs: [1_000, 0, maxTimerMs],
};
const names: readonly string[] = ['checks', ...Object.keys(ranges), 'livePath', 'readyPath'];

/**
 * Makes two routes: `/healthz` is 200 while the server serves, `/readyz` is 200 if all checks pass too. Otherwise, and while the server
 * closes, they are 503. The JSON says which checks failed; only the log has the reasons.
 *
 * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
 * @example
 * new Application([...healthRoutes({ checks: { database: () => database.ping() } }), ['/', Home]]);
 */
export function healthRoutes(options: HealthOptions = {}): HealthRoutes {
  const { checks, livePath, readyPath, ...times } = resolveHealthOptions(options);
  const init: ReadyInit = { checks: new HealthChecks(checks, { ...times, now: () => performance.now() }) };
  return [
    [livePath, LiveHandler],
    [readyPath, ReadyHandler, { init }],
  ];
}

/** The two routes, without names. A list of the type `Route[]` could have any name, and `reverseUrl` would accept all. */
export type HealthRoutes = readonly [
  live: readonly [path: string, handler: HandlerClass],
  ready: readonly [path: string, handler: HandlerClass, options: { readonly init: object }],
];

/** @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`. */
export function resolveHealthOptions(options: HealthOptions): Required<HealthOptions> {
  assertNames('health', options, names);
  const { checks = {}, livePath = '/healthz', readyPath = '/readyz' } = options;
  assertObject('checks', checks);
  assertFunctions(checks as Readonly<Record<string, unknown>>, Object.keys(checks));
  assertPath('livePath', livePath);
  assertPath('readyPath', readyPath);
  if (livePath === readyPath)
    throw new GaleError('OPTION_VALUE', `readyPath must be another path than livePath; got ${livePath}.`);
  return { checks, livePath, readyPath, ...readIntegers(options, ranges) };
}

function assertPath(name: string, path: unknown): void {
  if (typeof path !== 'string' || !path.startsWith('/'))
    throw wrongValue(name, 'a path that begins with a slash', path);
}

/** A response that no cache keeps. */
class LiveHandler<Init = unknown> extends RequestHandler<unknown, Init> {
  static override readonly usesSession: boolean = false;

  override setDefaultHeaders(): void {
    this.setHeader('Cache-Control', 'no-store');
  }

  override computeEtag(): undefined {
    return undefined;
  }

  get(): void | Promise<void> {
    this.writeHealth([], {});
  }

  protected writeHealth(failed: readonly string[], more: object): void {
    const status = this.closing.aborted ? 'closing' : failed.length > 0 ? 'unavailable' : 'ok';
    if (status !== 'ok') this.setStatus(503);
    this.write({ status, ...more });
  }
}

interface ReadyInit {
  readonly checks: HealthChecks;
}

class ReadyHandler extends LiveHandler<ReadyInit> {
  override async get(): Promise<void> {
    const { failed, checkedAt } = await this.init.checks.run(this.log);
    this.writeHealth(failed, failed.length === 0 ? { checkedAt } : { failed, checkedAt });
  }
}
