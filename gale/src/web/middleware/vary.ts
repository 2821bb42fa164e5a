/** The field Vary: which fields of the request decided the response (RFC 9110 §12.5.5). */

/** What is used of a handler. */
interface HeaderFields {
  getHeader(name: string): string | undefined;
  addHeader(name: string, value: string): void;
}

/** Adds a name to Vary, unless it is in it. */
export function varyBy(handler: HeaderFields, name: string): void {
  const given = handler.getHeader('vary') ?? '';
  const names = given.split(',').map((part) => part.trim().toLowerCase());
  if (!names.includes(name.toLowerCase()) && given !== '*') handler.addHeader('Vary', name);
}
