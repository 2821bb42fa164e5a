/** Result of one measurement of rooms-join. The load prints it as JSON. */
export interface JoinFigures {
  /** People who joined. */
  readonly people: number;
  /** Time from the first connection until everyone knows the final number of people, in seconds. */
  readonly wallSeconds: number;
  /** CPU time of the server in that time, in seconds. */
  readonly cpuSeconds: number;
  /** Resident memory of the server that each person added. */
  readonly residentBytesEach: number;
  /** Time from publishing a message to its arrival at the members present at that time. */
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
  /** Presence events that one person received. */
  readonly presenceEventsEach: number;
  /** Share of one core that the load used. */
  readonly loadShare: number;
}
