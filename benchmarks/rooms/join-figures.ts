/** What one measurement of rooms-join yields. The load prints it as JSON. */
export interface JoinFigures {
  /** People who joined. */
  readonly people: number;
  /** From the first connection to the moment when everyone knows that all are here, in seconds. */
  readonly wallSeconds: number;
  /** CPU time of the server in that time, in seconds. */
  readonly cpuSeconds: number;
  /** What each person added to the resident memory of the server. */
  readonly residentBytesEach: number;
  /** From publishing a message in the middle to its arrival at those who were there then. */
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
  /** Events about people that one person got. */
  readonly presenceEventsEach: number;
  /** Share of one core that the load had. */
  readonly loadShare: number;
}
