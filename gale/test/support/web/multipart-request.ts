/**
 * A POST of a multipart form, for `fetch`.
 *
 * @param entries - Name and value of each field; for a file also its name.
 */
export function formOf(
  entries: readonly (readonly [name: string, value: string | Blob, filename?: string])[],
): RequestInit {
  const body = new FormData();
  for (const [name, value, filename] of entries) {
    if (typeof value === 'string') body.append(name, value);
    else body.append(name, value, filename);
  }
  return { method: 'POST', body, headers: { Accept: 'application/json' } };
}
