/** The parts of `npm run bench -- rooms`: servers, works and columns. */
import {
  floorDisk,
  floorMemory,
  galeBroadcast,
  galeMemory,
  galeRedis,
  galeSqlite,
  socketIo,
} from './room-contestants.ts';
import type { RoomContestant } from './room-contestants.ts';
import type { CrowdFigures, CrowdWork, PublishWork, RoomFigures } from './room-figures.ts';

/** Figures of any part. */
export type AnyFigures = RoomFigures & CrowdFigures;
type Work = Omit<PublishWork, 'dialect' | 'seconds'> | Omit<CrowdWork, 'dialect'>;

/** One line of a table: a server with one work. */
export interface Row {
  readonly contestant: RoomContestant;
  readonly label: string;
  readonly work: Work;
  /** The contestant with the same label whose CPU time this one is compared with. */
  readonly against?: RoomContestant;
}

/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly digits: number;
  readonly figure: (figures: AnyFigures, row: Row) => number;
}

/** One table. */
export interface Part {
  readonly name: string;
  readonly title: string;
  /** Program of the load, beside this file. */
  readonly load: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column[];
}

const publishing = { publishers: 16, inFlight: 64, perSecond: 0, subscribers: 1, textBytes: 64 };
/** Servers that store publishes, each after its floor. */
const storing: readonly Omit<Row, 'label' | 'work'>[] = [
  { contestant: floorMemory },
  { contestant: galeMemory, against: floorMemory },
  { contestant: floorDisk },
  { contestant: galeSqlite, against: floorDisk },
  { contestant: galeRedis },
  { contestant: socketIo, against: galeRedis },
];
/** Publishes per second at which the delay is measured: half of what each store should reach. */
const halfRates: readonly (readonly [RoomContestant, number])[] = [
  [galeMemory, 50_000],
  [galeSqlite, 15_000],
  [galeRedis, 10_000],
  [socketIo, 10_000],
];

const delays: readonly Column[] = [
  { title: 'publish to delivery, p50 ms', digits: 1, figure: ({ p50Milliseconds }) => p50Milliseconds },
  { title: 'p99 ms', digits: 1, figure: ({ p99Milliseconds }) => p99Milliseconds },
  { title: 'its core', digits: 2, figure: ({ serverShare }) => serverShare },
  { title: "load's core", digits: 2, figure: ({ loadShare }) => loadShare },
];
const publishColumns: readonly Column[] = [
  { title: 'publishes/s', digits: 0, figure: ({ perSecond }) => perSecond },
  { title: 'CPU µs each', digits: 1, figure: ({ cpuMicroseconds }) => cpuMicroseconds },
  ...delays,
];
const deliveryColumns: readonly Column[] = [
  {
    title: 'CPU µs per delivery',
    digits: 2,
    figure: ({ cpuMicroseconds }, { work }) => cpuMicroseconds / (work as PublishWork).subscribers,
  },
  {
    title: 'deliveries/s',
    digits: 0,
    figure: ({ perSecond }, { work }) => perSecond * (work as PublishWork).subscribers,
  },
  ...delays,
];

/** All parts. */
export const roomsParts: readonly Part[] = [
  {
    name: 'publish',
    title:
      '16 connections with 64 publishes in flight on each, 1 with 64, and half of the goal of each store; one subscriber',
    load: 'publish-load.ts',
    rows: [
      ...storing.map((row) => ({ ...row, label: '16 × 64', work: publishing })),
      ...storing.map((row) => ({ ...row, label: '1 × 64', work: { ...publishing, publishers: 1 } })),
      ...halfRates.map(([contestant, perSecond]) => ({
        contestant,
        label: `${perSecond.toLocaleString('en')}/s`,
        work: { ...publishing, perSecond },
      })),
    ],
    columns: publishColumns,
  },
  {
    name: 'deliver',
    title: 'one connection with 64 publishes in flight, 1,000 subscribers',
    load: 'publish-load.ts',
    rows: [galeBroadcast, galeMemory, galeSqlite, galeRedis, socketIo].map((contestant) => ({
      contestant,
      label: '64 in flight',
      work: { ...publishing, publishers: 1, subscribers: 1000 },
      against: galeBroadcast,
    })),
    columns: deliveryColumns,
  },
  {
    name: 'fanout',
    title:
      'one connection with 4 publishes in flight; a room, and a broadcast of frames of the same length without rooms',
    load: 'publish-load.ts',
    rows: [100, 1000, 10_000].flatMap((subscribers) =>
      [galeBroadcast, galeMemory].map((contestant) => ({
        contestant,
        label: `${subscribers.toLocaleString('en')} receivers`,
        work: { ...publishing, publishers: 1, inFlight: 4, subscribers },
        against: galeBroadcast,
      })),
    ),
    columns: deliveryColumns,
  },
  {
    name: 'crowd',
    title: 'idle subscribed connections; 5,000 that are cut, miss 50 messages and come back',
    load: 'crowd-load.ts',
    rows: [
      { contestant: galeMemory, label: '10,000 in one room', work: crowd(10_000, 1, false) },
      { contestant: galeMemory, label: '10,000 in 1,000 rooms', work: crowd(10_000, 1000, false) },
      { contestant: socketIo, label: '10,000 in one room', work: crowd(10_000, 1, false) },
      ...[galeMemory, galeSqlite, galeRedis].map((contestant) => {
        return { contestant, label: '5,000 come back', work: crowd(5000, 1, true) };
      }),
    ],
    columns: [
      { title: 'resident bytes each', digits: 0, figure: ({ idleBytes }) => idleBytes },
      { title: 'complete after s', digits: 1, figure: ({ seconds }) => seconds },
      { title: 'CPU s', digits: 1, figure: ({ cpuSeconds }) => cpuSeconds },
      { title: 'MB more than before', digits: 1, figure: ({ grownBytes }) => grownBytes / 1e6 },
    ],
  },
];

function crowd(connections: number, rooms: number, reconnects: boolean): Omit<CrowdWork, 'dialect'> {
  return { connections, rooms, reconnects, restSeconds: 12 };
}
