/**
 * Middleware: limits the requests of each client in a window of time, with 429 and the fields of
 * draft-ietf-httpapi-ratelimit-headers-10, which clients can read to slow down before.
 */
import { toNetwork } from '../../http/proxy/ip-address.ts';
import { isThenable } from '../../http/thenable.ts';
import {
  assertFunctions,
  assertInteger,
  assertMethods,
  assertNames,
  wrongValue,
  readIntegers,
} from '../../run/given-options.ts';
import type { Logger } from '../../run/log.ts';
import { RateLimitedWarning } from '../../run/rate-limited-warning.ts';
import type { RequestHandler } from '../handler.ts';
import { HttpError } from '../http-error.ts';
import type { Middleware } from './middleware.ts';
import { MemoryRateLimitStore, type CountedRequest, type RateLimitStore } from './rate-limit-store.ts';

/** Options of {@link rateLimit}. */
export interface RateLimitOptions {
  /** Requests of one client in a window; the next one is 429. */
  readonly limit: number;
  /** Length of a window, in milliseconds. It begins with the first request of a client. @defaultValue 60 000 */
  readonly windowMs?: number;
  /** Name of the policy in the fields. Middlewares that share a store need different names. @defaultValue 'default' */
  readonly name?: string;
  /**
   * Returns what identifies the client, such as the id of the user; `undefined` if the request is not limited.
   *
   * @defaultValue the address of the client; for IPv6 its /64
   */
  readonly key?: (handler: RequestHandler) => string | undefined;
  /** Where requests are counted: a `RedisRateLimitStore` of `gale/redis` counts for all servers together. @defaultValue this process */
  readonly store?: RateLimitStore;
  /** Clients in the memory of this process; beyond it the oldest windows begin again. @defaultValue 100 000 */
  readonly maxKeys?: number;
}

/** Longer keys are cut. */
const maxKeyCharacters = 256;

/**
 * Creates a middleware that limits requests. If the store fails, requests are not limited, and a warning is logged.
 *
 * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
 * @example
 * new Application(routes, { middleware: [rateLimit({ limit: 100 })] });
 */
export function rateLimit(options: RateLimitOptions): Middleware {
  const { limit, windowMs, name, key, store } = resolveRateLimitOptions(options);
  const policy = `"${name}";q=${limit};w=${Math.ceil(windowMs / 1000)}`;
  const counted = new WeakMap<RequestHandler, CountedRequest>();

  const decide = (handler: RequestHandler, result: CountedRequest): void => {
    counted.set(handler, result);
    if (result.count <= limit) return;
    const seconds = String(secondsOf(result));
    throw new HttpError(429, undefined, {
      headers: [['Retry-After', seconds]],
      problem: { detail: `Too many requests; send the next one in ${seconds} s.` },
    });
  };

  return {
    processRequest(handler) {
      const client = key(handler);
      if (client === undefined) return undefined;
      let result: CountedRequest | Promise<CountedRequest>;
      try {
        result = store.count(`${name}:${client}`.slice(0, maxKeyCharacters), windowMs, handler.settings.now());
      } catch (error) {
        noteFailure(handler.log, error);
        return undefined;
      }
      if (!isThenable(result)) return decide(handler, result);
      return result.then(
        (known) => decide(handler, known),
        (error: unknown) => noteFailure(handler.log, error),
      );
    },
    processResponse(handler) {
      const result = counted.get(handler);
      if (result === undefined || handler.getStatus() === 101) return;
      handler.addHeader('RateLimit-Policy', policy);
      handler.addHeader('RateLimit', `"${name}";r=${Math.max(0, limit - result.count)};t=${secondsOf(result)}`);
    },
  };
}

/** @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`. */
export function resolveRateLimitOptions(options: RateLimitOptions): Required<RateLimitOptions> {
  assertNames('rateLimit', options, ['limit', 'windowMs', 'name', 'key', 'store', 'maxKeys']);
  const { limit, name = 'default', key = addressOf } = options;
  assertInteger('limit', limit, 1, 1_000_000_000);
  const { windowMs, maxKeys } = readIntegers(options, {
    windowMs: [60_000, 1, 86_400_000],
    maxKeys: [100_000, 1, 10_000_000],
  });
  assertFunctions(options, ['key']);
  if (typeof name !== 'string' || !/^[\w.-]{1,64}$/.test(name)) {
    throw wrongValue('name', 'a name of 1 to 64 letters, digits, dots, dashes and underscores', name);
  }
  if (options.store !== undefined && options.maxKeys !== undefined) {
    throw wrongValue('maxKeys', 'omitted with a store', options.maxKeys);
  }
  const store = options.store ?? new MemoryRateLimitStore(maxKeys);
  assertMethods('store', store, ['count'], 'an object with the method count');
  return { limit, windowMs, name, key, store, maxKeys };
}

function addressOf({ request }: RequestHandler): string {
  return toNetwork(request.remoteAddress);
}

function secondsOf({ resetMs }: CountedRequest): number {
  return Math.max(1, Math.ceil(resetMs / 1000));
}

function noteFailure(log: Logger, error: unknown): void {
  RateLimitedWarning.of(log, 'The store of a rate limit fails; requests are not limited').note({ err: error });
}
