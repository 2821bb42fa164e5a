/** The field Vary: which fields of the request decided the response (RFC 9110 §12.5.5). */
import type { RequestHandler } from '../handler.ts';

/** Adds a name to Vary, unless it is in it. */
export function varyBy(handler: RequestHandler, name: string): void {
  const given = handler.getHeader('vary') ?? '';
  const names = given.split(',').map((part) => part.trim().toLowerCase());
  if (!names.includes(name.toLowerCase()) && given !== '*') handler.addHeader('Vary', name);
}
