/** Reads the stream of a room at the end of a scenario, as a new consumer without a position. */
import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from '../support/eventually.ts';
import type { StreamEntry, StreamRecord } from './history.ts';
import type { Node } from './node.ts';
import { toPosition } from './publisher.ts';
import { RoomConnection } from './room-connection.ts';
import { addressOf } from './route.ts';

/** Reads all kept messages from the first node that responds, without proxies. Fails after `withinMs`. */
export async function readStream(nodes: readonly Node[], room: string, withinMs: number): Promise<StreamRecord> {
  const endsAt = performance.now() + withinMs;
  for (let attempt = 0; ; attempt++) {
    const node = nodes.filter(({ isRunning }) => isRunning).at(attempt % nodes.length) ?? nodes[0];
    try {
      if (node) return await readFrom(node.url, room, endsAt - performance.now());
    } catch (error) {
      if (performance.now() > endsAt) throw error;
    }
    await wait(100);
  }
}

async function readFrom(url: string, room: string, withinMs: number): Promise<StreamRecord> {
  const entries: StreamEntry[] = [];
  let restarted = false;
  const connection = await RoomConnection.open(addressOf(url, 'auditor'), {
    onFrame: (frame) => {
      if (frame.type === 'message') {
        const { epoch: _, ...position } = toPosition(frame);
        entries.push({ ...position, id: String(frame['id']), author: (frame['author'] as { id: string }).id });
      } else if (frame.type === 'reset' || frame.type === 'dropped') restarted = true;
    },
  });
  try {
    const reply = await connection.ask('subscribe', { room });
    if (reply.type !== 'reply') throw new Error(`the stream of ${room} cannot be read: ${JSON.stringify(reply)}`);
    const [epoch, top, first] = [String(reply['epoch']), Number(reply['top']), Number(reply['first'])];
    const isDone = (): boolean => restarted || connection.isClosed || entries.length >= top - first + 1;
    await eventually(isDone, () => `the stream of ${room} has ${top}, ${entries.length} arrived`, withinMs);
    if (restarted || connection.isClosed) throw new Error(`the stream of ${room} changed while it was read`);
    return { room, epoch, first, top, entries };
  } finally {
    connection.drop();
  }
}
