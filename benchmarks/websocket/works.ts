/**
 * The works of the WebSocket benchmarks: number of connections, messages in flight, and message length. The load and the
 * check before it use them.
 */
import type { Work } from '../work.ts';

/** One work. */
export interface WebSocketWork extends Work {
  /**
   * `fanout`: one connection sends, all receive; `echo`: each gets its messages back; `connect`: a new connection per
   * handshake; `idle`: connections open and stay idle.
   */
  readonly kind: 'fanout' | 'echo' | 'connect' | 'idle';
  /** Connections open at once. */
  readonly connections: number;
  /** Messages in flight: of the sender (`fanout`), of each connection (`echo`). */
  readonly inFlight: number;
  /** Length of an application message, in bytes. */
  readonly payloadBytes: number;
  /** What the server does with a message. */
  readonly program: 'broadcast' | 'echo';
}

const delivery = { one: 'delivery', many: 'deliveries' };
const fanout = {
  kind: 'fanout',
  unit: delivery,
  connections: 1000,
  inFlight: 4,
  payloadBytes: 64,
  program: 'broadcast',
} as const;
const echo = {
  kind: 'echo',
  unit: { one: 'echo', many: 'echoes' },
  connections: 100,
  inFlight: 1,
  payloadBytes: 64,
  program: 'echo',
} as const;

/** All clients receive every message. */
export const fanoutWorks: readonly WebSocketWork[] = [
  { ...fanout, name: 'fanout-4', title: '64 bytes to each of 1,000 receivers, 4 messages in flight' },
  { ...fanout, name: 'fanout-64', title: '64 bytes to each of 1,000 receivers, 64 messages in flight', inFlight: 64 },
  {
    ...fanout,
    name: 'fanout-4-1k',
    title: '1 KiB to each of 1,000 receivers, 4 messages in flight',
    payloadBytes: 1024,
  },
  {
    ...fanout,
    name: 'fanout-64-1k',
    title: '1 KiB to each of 1,000 receivers, 64 messages in flight',
    inFlight: 64,
    payloadBytes: 1024,
  },
  { ...fanout, name: 'fanout-100', title: '64 bytes to each of 100 receivers, 4 messages in flight', connections: 100 },
  {
    ...fanout,
    name: 'fanout-10000',
    title: '64 bytes to each of 10,000 receivers, 4 messages in flight',
    connections: 10_000,
  },
];

/** Every message returns to its sender. */
export const echoWorks: readonly WebSocketWork[] = [
  { ...echo, name: 'echo', title: '64 bytes sent back, 100 connections, 1 message in flight on each' },
  {
    ...echo,
    name: 'echo-deep',
    title: '64 bytes sent back, 100 connections, 16 messages together on each',
    inFlight: 16,
  },
];

/** Handshakes. */
export const connectWorks: readonly WebSocketWork[] = [
  {
    ...echo,
    name: 'connect',
    kind: 'connect',
    title: 'handshakes, 64 in progress, each connection reset after it opens',
    unit: { one: 'handshake', many: 'handshakes' },
    connections: 64,
  },
];

/** Open connections without traffic. */
export const idleWorks: readonly WebSocketWork[] = [
  {
    ...fanout,
    name: 'idle',
    kind: 'idle',
    title: '10,000 idle WebSockets',
    unit: { one: 'connection', many: 'connections' },
    connections: 10_000,
    inFlight: 1,
  },
];

/** All works of all WebSocket benchmarks. */
export const webSocketWorks: readonly WebSocketWork[] = [...fanoutWorks, ...echoWorks, ...connectWorks, ...idleWorks];
