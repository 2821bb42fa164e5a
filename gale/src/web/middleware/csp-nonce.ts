/** The nonce of a response: pages put it on their inline scripts and styles, and securityHeaders into the policy. */
import { randomBytes } from 'node:crypto';

const nonces = new WeakMap<object, string>();

/** The nonce of the response of a handler, made when it is first read: 128 random bits as base64. */
export function cspNonceOf(handler: object): string {
  let nonce = nonces.get(handler);
  if (nonce === undefined) {
    nonce = randomBytes(16).toString('base64');
    nonces.set(handler, nonce);
  }
  return nonce;
}

/** Middlewares that add the nonce to the policy. */
const writers = new WeakSet<object>();

/** Notes that a middleware adds the nonce to the policy if it was read. */
export function addsCspNonce<M extends object>(middleware: M): M {
  writers.add(middleware);
  return middleware;
}

/** Whether one of the middlewares adds the nonce to the policy. */
export function haveCspNonce(middlewares: readonly object[]): boolean {
  return middlewares.some((middleware) => writers.has(middleware));
}

/** The nonce, if it was read. */
export function usedCspNonce(handler: object): string | undefined {
  return nonces.get(handler);
}
