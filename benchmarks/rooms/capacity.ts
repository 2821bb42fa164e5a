/**
 * The capacity plan of docs/guide/scaling.md, computed from measured costs: how many nodes, how many Redis servers, how much memory and
 * network a number of connected people need.
 */
import { linesOf } from '../table.ts';

/** Costs of one unit of work, from the pages of results/ that docs/guide/scaling.md names. */
export const costs = {
  /** CPU of a node for a publish over Redis that it also delivers to one subscriber, in microseconds. */
  publish: 63,
  /** CPU of a node for a message that another node published, without its deliveries, in microseconds. */
  receive: 10,
  /** CPU of a node for one frame to one connection, if nothing else goes to it in the same turn, in microseconds. */
  delivery: 1.4,
  /** CPU of a node for one person who comes back, subscribes and gets 50 messages, in microseconds. */
  join: 260,
  /** CPU of a node for a ping and its pong, in microseconds. */
  ping: 12,
  /** Resident bytes of an idle connection that is subscribed to one room. */
  connectionBytes: 8700,
  /** CPU of Redis for a publish, and for each node that gets it, in microseconds. */
  redisPublish: 62,
  redisReceiver: 0.5,
  /** CPU of Redis for a lease that is renewed, alone in its room and as one of many, in microseconds. */
  redisLease: 26,
  redisLeaseOfMany: 12,
  /** CPU of Redis to remove expired leases from a room, in microseconds. */
  redisSweep: 7,
  /** CPU of Redis for each person of a room whose people a node compares, in microseconds; and bytes. */
  redisListed: 1.3,
  listedBytes: 171,
  /** Bytes that Redis keeps for each message of a room, and for each lease. */
  redisMessageBytes: 254,
  redisLeaseBytes: 360,
} as const;

/** What people do in the plan. */
export const assumptions = {
  /** Most connections of one node. */
  connectionsPerNode: 50_000,
  /** Share of a core that a node or a Redis may use, so that peaks have room. */
  usableShare: 0.5,
  /** Bytes of a frame with a text of 64 bytes, with the headers of TCP and IP. */
  frameBytes: 330,
  /** Seconds between renewals of a lease, between comparisons of a room with its store, and between pings. */
  renewSeconds: 27,
  compareSeconds: 40,
  pingSeconds: 30,
  /** Messages that a room keeps. */
  historyCount: 100,
} as const;

/** How people are spread over rooms. */
export interface Shape {
  readonly name: string;
  /** People of one room. */
  readonly roomSize: (people: number) => number;
  /** Messages of all people each second. */
  readonly messages: (people: number) => number;
}

export const shapes: readonly Shape[] = [
  { name: 'rooms of 20 people, one message a minute from each', roomSize: () => 20, messages: (people) => people / 60 },
  { name: 'one room, one message a second in all', roomSize: (people) => people, messages: () => 1 },
];

/** What a number of people in a shape need. */
export interface Plan {
  readonly nodes: number;
  /** Share of a core that each node uses. */
  readonly nodeShare: number;
  /** Resident bytes of all connections of a node. */
  readonly nodeBytes: number;
  /** Bits per second that a node sends. */
  readonly nodeBits: number;
  /** Share of a core that one Redis would use for all rooms. */
  readonly redisShare: number;
  /** Redis servers that this needs; `Infinity` if one room needs more than one. */
  readonly redisCount: number;
  readonly redisBytes: number;
  /** Time that all nodes need to take everyone in again, in seconds. */
  readonly returnSeconds: number;
}

/** Computes the plan. */
export function planOf(people: number, { roomSize, messages }: Shape): Plan {
  const { usableShare, connectionsPerNode, renewSeconds, compareSeconds, pingSeconds } = assumptions;
  const nodes = Math.max(2, Math.ceil(people / connectionsPerNode));
  const size = roomSize(people);
  const rooms = people / size;
  // Nodes on which a room has at least one person, if people are spread at random.
  const nodesOfRoom = nodes * (1 - (1 - 1 / nodes) ** size);
  const perSecond = messages(people);
  // A presence event is one more frame for everyone, if somebody comes or goes in each second: in large rooms only.
  const frames = perSecond * size + (size > 1000 ? people : 0);
  const nodeMicroseconds =
    (perSecond * costs.publish +
      perSecond * (nodesOfRoom - 1) * costs.receive +
      frames * costs.delivery +
      (people / pingSeconds) * costs.ping) /
    nodes;
  const isShared = size / nodesOfRoom > 2;
  const redisMicroseconds =
    perSecond * (costs.redisPublish + nodesOfRoom * costs.redisReceiver) +
    (people / renewSeconds) * (isShared ? costs.redisLeaseOfMany : costs.redisLease) +
    ((rooms * nodesOfRoom) / renewSeconds) * costs.redisSweep +
    ((people * nodesOfRoom) / compareSeconds) * costs.redisListed;
  const redisShare = redisMicroseconds / 1e6;
  const needed = Math.max(1, Math.ceil(redisShare / usableShare));
  return {
    nodes,
    nodeShare: nodeMicroseconds / 1e6,
    nodeBytes: (people / nodes) * costs.connectionBytes,
    nodeBits: (frames / nodes) * assumptions.frameBytes * 8,
    redisShare,
    redisCount: needed > 1 && rooms < needed ? Infinity : needed,
    redisBytes: rooms * assumptions.historyCount * costs.redisMessageBytes + people * costs.redisLeaseBytes,
    returnSeconds: ((people / nodes) * costs.join) / 1e6,
  };
}

/** The table of a shape, as it is in the guide. */
export function capacityTable(shape: Shape): string {
  const rows = [10_000, 100_000, 1_000_000].map((people) => {
    const plan = planOf(people, shape);
    return [
      people.toLocaleString('en'),
      String(plan.nodes),
      percent(plan.nodeShare),
      megabytes(plan.nodeBytes),
      `${(plan.nodeBits / 1e6).toFixed(0)} Mbit/s`,
      percent(plan.redisShare),
      Number.isFinite(plan.redisCount) ? String(plan.redisCount) : 'more than one for one room',
      megabytes(plan.redisBytes),
      `${plan.returnSeconds.toFixed(0)} s`,
    ];
  });
  return linesOf(
    [
      'people',
      'nodes',
      'core of each node',
      'memory of its connections',
      'it sends',
      'core of Redis',
      'Redis servers',
      'memory of Redis',
      'all come back in',
    ],
    rows,
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function megabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
