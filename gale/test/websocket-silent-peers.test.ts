/** Peers that disappear and peers that stop reading: the server detects them, and the other peers are not affected. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket as WsClient } from 'ws';
import { encodeFrame, headerBytesFor, opcodes } from '../src/websocket/protocol/frame.ts';
import { webSocketDefaults } from '../src/websocket/websocket-options.ts';
import { eventually } from './support/eventually.ts';
import { maxPlateauBytes, MeasuredServer, plateau } from './support/processes/measured-server.ts';
import type { Measurement } from './support/processes/measured-server.ts';
import { testMask } from './support/websocket/websocket-bytes.ts';
import { allClosed, openCrowd, upgradeRequestTo } from './support/websocket/websocket-crowd.ts';
import { connectPeer } from './support/websocket/websocket-peer.ts';
import { serve } from './support/websocket/websocket-server.ts';

const program = 'measured-websocket-process.ts';
/** A small young generation: otherwise it may grow by tens of megabytes without a leak. */
const steady = '--max-semi-space-size=2';
const megabyte = 2 ** 20;

test('detects half-open peers after ping and pong, by default after 35 seconds, not earlier', async (t) => {
  const count = 200;
  const tickMs = 100;
  let now = 0;
  const noticed: number[] = [];
  const server = await serve(t, {
    on: {
      onClose(code) {
        assert.equal(code, 1006);
        noticed.push(now);
      },
    },
  });
  const crowd = await openCrowd(server.port, '/', count);
  await server.connected(count);
  const { pingIntervalMs, pongTimeoutMs } = webSocketDefaults;
  // Each of the two deadlines expires up to three ticks of the wheel late: with the default tick of 500 ms, up to 3 s in total.
  const latest = pingIntervalMs + pongTimeoutMs + 2 * 3 * tickMs;
  while (now < latest) {
    now += tickMs;
    server.time.pass(tickMs);
  }
  assert.equal(noticed.length, count);
  assert.ok(Math.min(...noticed) >= pingIntervalMs / 2 + pongTimeoutMs, `${Math.min(...noticed)} ms`);
  assert.equal(server.time.wheel.size, 0);
  for (const socket of crowd) socket.destroy();
  await allClosed(crowd);
});

test('resets half-open peers by the system clock and keeps peers that respond', async (t) => {
  const server = await MeasuredServer.startProgram(t, program);
  const responsive = Array.from({ length: 5 }, () => new WsClient(`ws://127.0.0.1:${server.port}/watchful`));
  await Promise.all(responsive.map((client) => once(client, 'open')));
  const pings = responsive.map((client) => {
    const counted = { count: 0 };
    client.on('ping', () => counted.count++);
    return counted;
  });
  const crowd = await openCrowd(server.port, '/watchful', 200);
  await Promise.all(crowd.map((socket) => new Promise((resolve) => socket.once('end', resolve))));
  for (const socket of crowd) socket.end();
  await allClosed(crowd);
  await server.until(({ running, connections }) => running === 5 && connections === 5);
  const before = pings.map(({ count }) => count);
  await eventually(() => pings.every(({ count }, index) => count > before[index]!));
  assert.ok(responsive.every((client) => client.readyState === WsClient.OPEN));
  for (const client of responsive) client.close();
  await server.until((now) => now.running + now.connections + now.deadlines + now.complaints === 0);
});

test('closes readers that stop with 4008 at their limit, while the others get every message, and frees the memory', async (t) => {
  const messageBytes = 64 * 1024;
  const messagesPerRound = 300;
  const frame = encodeFrame(opcodes.binary, Buffer.alloc(messageBytes), { mask: testMask });
  const relayedBytes = headerBytesFor(messageBytes) + messageBytes;
  const server = await MeasuredServer.startProgram(t, program, steady);
  const readers = await openCrowd(server.port, '/relay', 8);
  const taken = readers.map(() => 0);
  let sent = 0;
  let left = 0;
  let onAll: (() => void) | undefined;
  for (const [index, socket] of readers.entries()) {
    socket.on('data', ({ length }: Buffer) => {
      taken[index]! += length;
      if (taken[index] === sent * relayedBytes && --left === 0) onAll?.();
    });
  }

  /** Sends each message after all readers have the previous one: a reader that has stopped must not hold them up. */
  async function relayRound(): Promise<void> {
    for (let count = 0; count < messagesPerRound; count++) {
      const all = new Promise<void>((resolve) => (onAll = resolve));
      left = readers.length;
      sent++;
      readers[0]!.write(frame);
      await all;
    }
  }

  async function relayToStoppedReaders(): Promise<void> {
    const stopped = await Promise.all(
      Array.from({ length: 3 }, () => connectPeer(server.port, upgradeRequestTo('/relay'))),
    );
    for (const peer of stopped) await eventually(() => peer.responseHead.startsWith('HTTP/1.1 101'));
    for (const { socket } of stopped) socket.pause();
    await relayRound();
    // The server has already released them; they have not received the close frame yet.
    await server.until(({ running }) => running === readers.length);
    for (const peer of stopped) {
      peer.socket.resume();
      await peer.saw('close 4008 too slow; reconnect and recover');
      assert.ok(peer.events.length - 1 < messagesPerRound, 'what was over the cap was dropped');
      peer.close(4008);
      await eventually(() => peer.ended);
      peer.socket.end();
      await eventually(() => peer.closed);
    }
  }

  const measured: Measurement[] = [];
  for (let round = 0; round < 6; round++) {
    await relayToStoppedReaders();
    measured.push(await server.measure());
  }

  // Each round filled three buffers of 1 MiB; a leak of them would show here.
  const used = measured.map(({ memoryBytes }) => memoryBytes);
  const grownBytes = used.at(-1)! - used[0]!;
  assert.ok(grownBytes < megabyte / 2, `${grownBytes} bytes more in use`);
  const resident = measured.map(({ residentBytes }) => residentBytes);
  t.diagnostic(`grown by ${grownBytes} bytes in use; resident, in MB: ${inMegabytes(resident)}`);
  assert.ok(plateau(resident) < maxPlateauBytes, `resident: ${resident.join(', ')}`);
  for (const socket of readers) socket.destroy();
  await server.until((now) => now.running + now.connections + now.deadlines + now.complaints === 0);
});

function inMegabytes(sizes: readonly number[]): string {
  return sizes.map((bytes) => (bytes / megabyte).toFixed(1)).join(', ');
}
