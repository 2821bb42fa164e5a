/**
 * Whether a value can be awaited: a promise, or any other object with `then`. Reading `then` may throw, like any property.
 */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
