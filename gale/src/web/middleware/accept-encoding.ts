/** The field Accept-Encoding (RFC 9110 §12.5.3): which coding of a response the client prefers. */

/** A content coding that Gale can write. */
export type ContentCoding = 'zstd' | 'br' | 'gzip';

/** A longer field is not read: nothing is compressed. */
const maxFieldCharacters = 1024;
/** A member: coding and weight. One class each, so that it is linear. */
const member = /^[\t ]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[\t ]*(?:;[\t ]*[qQ]=([01](?:\.\d{0,3})?)[\t ]*)?$/;

/**
 * Selects the codings that the client accepts, those that it prefers first.
 *
 * @param field - Value of Accept-Encoding; empty if the request has none.
 * @param known - The codings of the server; of equal weights the earlier one is first.
 * @returns Empty if the client prefers the body as it is. A malformed member is ignored.
 */
export function acceptedCodings(field: string, known: readonly ContentCoding[]): readonly ContentCoding[] {
  if (field.length > maxFieldCharacters) return [];
  const weights = readWeights(field);
  const weightOf = (coding: string): number => weights.get(coding) ?? weights.get('*') ?? 0;
  // Without a weight of its own the plain body is only the fallback.
  const plain = weights.get('identity') ?? 0;
  return known
    .filter((coding) => weightOf(coding) > 0 && weightOf(coding) >= plain)
    .toSorted((left, right) => weightOf(right) - weightOf(left));
}

function readWeights(field: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const part of field.split(',')) {
    const [, name, weight = '1'] = member.exec(part) ?? [];
    if (name === undefined || Number(weight) > 1) continue;
    const coding = name.toLowerCase();
    weights.set(coding === 'x-gzip' ? 'gzip' : coding, Number(weight));
  }
  return weights;
}
