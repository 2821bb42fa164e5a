/** Result of one measurement of one server. The load prints it as JSON. */

/** Figures of one measurement. Figures that a work does not measure are 0. */
export interface Figures {
  readonly unitsPerSecond: number;
  readonly cpuMicrosecondsPerUnit: number;
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
  readonly residentBytes: number;
  /** Share of one core that the server used; 1 is the whole core. */
  readonly serverShare: number;
  /** Share of one core that the load used; near 1, the load may have limited the units per second. */
  readonly loadShare: number;
  /** Resident memory that each idle connection added. */
  readonly residentBytesEach: number;
}

/** Figures of one contestant, one entry per round. */
export interface ContestantFigures {
  readonly name: string;
  readonly rounds: Figures[];
}
