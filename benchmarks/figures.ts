/** What one measurement of one server yields. The load prints it as JSON. */

/** Figures of one measurement; those that a work does not measure are 0. */
export interface Figures {
  readonly unitsPerSecond: number;
  readonly cpuMicrosecondsPerUnit: number;
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
  readonly residentBytes: number;
  /** Share of one core that the server had, 1 for the whole. */
  readonly serverShare: number;
  /** Share of one core that the load had; near 1 it may have been the limit of units per second. */
  readonly loadShare: number;
  /** Of idle connections: what each added to resident memory. */
  readonly residentBytesEach: number;
}

/** Figures of one contestant, one for each round. */
export interface ContestantFigures {
  readonly name: string;
  readonly rounds: Figures[];
}
