/** The work and the result of one measurement of rooms; the load prints the result as JSON. */

/** What the load of publishes does. */
export interface PublishWork {
  readonly publishers: number;
  /** Publishes in flight on each of their connections; with `perSecond` as many as are due. */
  readonly inFlight: number;
  /** Publishes per second of all together; 0 for as many as the server acknowledges. */
  readonly perSecond: number;
  readonly subscribers: number;
  readonly textBytes: number;
  readonly seconds: number;
  /** Name of a dialect of room-dialect.ts. */
  readonly dialect: string;
}

/** Figures of one measurement. */
export interface RoomFigures {
  /** Acknowledged publishes. */
  readonly perSecond: number;
  /** CPU time of the server for each. */
  readonly cpuMicroseconds: number;
  /** Time from publish to delivery. */
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
  /** Share of one core that the server used, and the load. */
  readonly serverShare: number;
  readonly loadShare: number;
}

/** What the load of many connections does. */
export interface CrowdWork {
  readonly connections: number;
  /** The rooms of all together; each connection is subscribed to one. */
  readonly rooms: number;
  /** Whether all connections are cut, miss 50 messages and come back. */
  readonly reconnects: boolean;
  /** Time from their return to the last reading of memory, longer than the grace of presence. */
  readonly restSeconds: number;
  /** Name of a dialect of room-dialect.ts. */
  readonly dialect: string;
}

/** Figures of many connections. */
export interface CrowdFigures {
  /** Resident memory that each idle subscribed connection added. */
  readonly idleBytes: number;
  /** Time from the first reconnect until everyone has all messages, and the CPU time of the server. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Resident memory after everyone came back, beyond that before the connections were cut. */
  readonly grownBytes: number;
}
