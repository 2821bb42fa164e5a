/**
 * Whether a value can be waited for: a promise, or whatever else has a `then`. Reading it may throw, as any property may.
 */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
