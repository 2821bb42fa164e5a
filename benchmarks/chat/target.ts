/** What all loads of the chat share. */

/** Where the server is. */
export interface Target {
  readonly port: number;
  readonly pid: number;
}

/** Values of one measurement by their names. */
export type Values = Readonly<Record<string, number>>;

/** Ends the load with exit code 1. */
export function fail(error: Error): never {
  console.error(error.message);
  process.exit(1);
}

/** The value below which the share `quantile` of `values` is. */
export function quantileOf(values: readonly number[], quantile: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * quantile) - 1)] ?? Number.NaN;
}
