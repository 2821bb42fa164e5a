/**
 * Records the lengths of normalized texts, because normalization takes quadratic time.
 */
import type { TestContext } from 'node:test';

/** Text of 65 KB in UTF-8 whose normalization takes more than a second. */
export const quadraticText: string = `a${'\u0345'.repeat(16_200)}${'\u0334'.repeat(16_200)}`;

/** @returns The lengths of all texts that are normalized until the end of the test, in UTF-16 units. */
export function normalizedLengths(t: TestContext): number[] {
  const lengths: number[] = [];
  const normalize = Object.getOwnPropertyDescriptor(String.prototype, 'normalize')?.value as (form: string) => string;
  t.mock.method(String.prototype, 'normalize', function (this: string, form: string): string {
    lengths.push(this.length);
    return normalize.call(this, form);
  });
  return lengths;
}
