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

/** What a policy allows only with the nonce: inline code, or also all linked files. */
export type CspNonceUse = 'inline' | 'all';

/** Middlewares that add the nonce to the policy. */
const writers = new WeakMap<object, CspNonceUse>();

/** Notes that a middleware adds the nonce to the policy if it was read. */
export function addsCspNonce<M extends object>(middleware: M, use: CspNonceUse): M {
  writers.set(middleware, use);
  return middleware;
}

/** What the policies of the middlewares allow only with the nonce; `undefined` if none adds it. */
export function cspNonceUseOf(middlewares: readonly object[]): CspNonceUse | undefined {
  const uses = middlewares.map((middleware) => writers.get(middleware));
  return uses.includes('all') ? 'all' : uses.find((use) => use !== undefined);
}

/** The nonce, if it was read. */
export function usedCspNonce(handler: object): string | undefined {
  return nonces.get(handler);
}
