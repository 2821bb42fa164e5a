/**
 * Waves of short WebSockets, and many frames through one: the memory of the server does not grow. The smaller sizes run in `npm test`, the
 * larger ones, which find smaller leaks, in `npm run test:full`.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { opcodes } from '../../../src/websocket/protocol/frame.ts';
import { FrameParser } from '../../../src/websocket/protocol/frame-parser.ts';
import { maxPlateauBytes, MeasuredServer, plateau } from '../processes/measured-server.ts';
import type { Measurement } from '../processes/measured-server.ts';
import { RandomFrames } from './random-frames.ts';
import { seededRandom, seedOfRun } from '../seeded-random.ts';
import { bytes, clientFrame, wideLimits } from './websocket-bytes.ts';
import { allClosed, openCrowd } from './websocket-crowd.ts';

const program = 'measured-websocket-process.ts';
/** A small young generation: otherwise it may grow by tens of megabytes without a leak. */
const steady = '--max-semi-space-size=2';
const megabyte = 2 ** 20;
const inMegabytes = (sizes: readonly number[]): string =>
  sizes.map((bytes) => (bytes / megabyte).toFixed(1)).join(', ');

/** Defines a test of five waves of this many connections. */
export function testWaves(connectionCount: number): void {
  test(`keeps nothing after five waves of ${connectionCount} connections, closed in four ways`, async (t) => {
    const server = await MeasuredServer.startProgram(t, program, steady);
    const closeFrame = clientFrame(opcodes.close, bytes('03e8'));
    const resident = await server.staysTheSame(async () => {
      const crowd = await openCrowd(server.port, '/', connectionCount);
      await server.until(({ running, connections }) => running === connectionCount && connections === connectionCount);
      for (const [index, socket] of crowd.entries()) {
        socket.on('end', () => socket.end());
        if (index % 4 === 0) socket.write(closeFrame);
        else if (index % 4 === 1) socket.end();
        else if (index % 4 === 2) socket.resetAndDestroy();
        else {
          socket.write(clientFrame(opcodes.text, 'the last').subarray(0, 9));
          socket.destroy();
        }
      }
      await allClosed(crowd);
    });
    t.diagnostic(`resident after each wave, in MB: ${inMegabytes(resident)}`);
    // 4 MiB over three waves: 280 bytes leaked by each of 5,000 connections.
    assert.ok(resident[4]! - resident[1]! < 4 * megabyte, inMegabytes(resident));
  });
}

/** Defines a test of this many frames. */
export function testFrames(frameCount: number): void {
  test(`keeps no memory after ${frameCount} echoed frames of one connection`, async (t) => {
    const seed = seedOfRun();
    t.diagnostic(`seed ${seed}`);
    const server = await MeasuredServer.startProgram(t, program, steady);
    const [socket] = await openCrowd(server.port, '/', 1);
    const frames = new RandomFrames(seededRandom(seed), 'server');
    const protocol = new FrameParser(wideLimits, 'client');
    const counts = { messages: 0, pings: 0 };
    let onBatchPong: ((data: string) => void) | undefined;
    socket!.on('data', (received: Buffer) => {
      protocol.push(received);
      for (let event = protocol.next(); event !== undefined; event = protocol.next()) {
        if (event.kind === 'text' || event.kind === 'binary') counts.messages++;
        else if (event.kind === 'pong' && event.data.toString().startsWith('batch '))
          onBatchPong?.(event.data.toString());
        else if (event.kind === 'pong') counts.pings++;
        else assert.equal(event.kind, 'close');
      }
    });
    const measured: Measurement[] = [];
    while (frames.frames < frameCount) {
      const batch = `batch ${frames.frames}`;
      const done = new Promise<string>((resolve) => (onBatchPong = resolve));
      socket!.write(Buffer.concat([frames.stream(1500), clientFrame(opcodes.ping, batch)]));
      assert.equal(await done, batch);
      if (frames.frames >= ((measured.length + 1) * frameCount) / 8) measured.push(await server.measure());
    }
    assert.deepEqual(counts, { messages: frames.messages, pings: frames.pings });
    const used = measured.map(({ memoryBytes }) => memoryBytes);
    const grownBytes = used.at(-1)! - used[1]!;
    t.diagnostic(
      `grown by ${grownBytes} bytes in use; resident, in MB: ${inMegabytes(measured.map(({ residentBytes }) => residentBytes))}`,
    );
    // Half a byte for each of a million frames.
    assert.ok(grownBytes < 500_000, `${grownBytes} bytes for ${frameCount} frames`);
    assert.ok(plateau(measured.map(({ residentBytes }) => residentBytes)) < maxPlateauBytes);
    const closed = once(socket!, 'close');
    socket!.on('end', () => socket!.end());
    socket!.write(clientFrame(opcodes.close, ''));
    await closed.catch(() => undefined);
    await server.until(({ connections, deadlines, complaints }) => connections + deadlines + complaints === 0);
  });
}
