/** Thousands of WebSockets that come and go, and a million frames through one: the server's process holds afterwards what it held before. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { opcodes } from '../src/websocket/frame.ts';
import { WebSocketProtocol } from '../src/websocket/protocol.ts';
import { MeasuredServer } from './measured-server.ts';
import { RandomFrames } from './random-frames.ts';
import { seededRandom, seedOfRun } from './seeded-random.ts';
import { bytes, clientFrame, wideLimits } from './websocket-bytes.ts';
import { allClosed, openCrowd } from './websocket-crowd.ts';

const program = 'measured-websocket-process.ts';
const megabyte = 2 ** 20;
/** What the allocator may keep more of after the fifth wave than after the second, of what 5,000 connections took in between. */
const maxGrownResidentBytes = 16 * megabyte;

test('five waves of five thousand connections that open and close, each in one of four ways, leave nothing behind', async (t) => {
  const server = await MeasuredServer.startProgram(t, program);
  const closeFrame = clientFrame(opcodes.close, bytes('03e8'));
  const resident = await server.staysTheSame(async () => {
    const crowd = await openCrowd(server.port, '/', 5000);
    await server.until(({ running, connections }) => running === 5000 && connections === 5000);
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
  const inMegabytes = resident.map((residentBytes) => (residentBytes / megabyte).toFixed(1)).join(', ');
  t.diagnostic(`resident after each wave: ${inMegabytes} MB`);
  assert.ok(resident[4]! - resident[1]! < maxGrownResidentBytes, inMegabytes);
});

test('a million frames through one connection, echoed, leave no memory behind', async (t) => {
  const frameCount = 1_000_000;
  const seed = seedOfRun();
  t.diagnostic(`seed ${seed}`);
  const server = await MeasuredServer.startProgram(t, program);
  const [socket] = await openCrowd(server.port, '/', 1);
  const frames = new RandomFrames(seededRandom(seed), 'server');
  const protocol = new WebSocketProtocol(wideLimits, 'client');
  const told = { messages: 0, pings: 0 };
  let answered: ((data: string) => void) | undefined;
  socket!.on('data', (received: Buffer) => {
    protocol.push(received);
    for (let event = protocol.next(); event !== undefined; event = protocol.next()) {
      if (event.kind === 'text' || event.kind === 'binary') told.messages++;
      else if (event.kind === 'pong' && event.data.toString().startsWith('batch ')) answered?.(event.data.toString());
      else if (event.kind === 'pong') told.pings++;
      else assert.equal(event.kind, 'close');
    }
  });
  let before: { memoryBytes: number; residentBytes: number } | undefined;
  while (frames.frames < frameCount) {
    const batch = `batch ${frames.frames}`;
    const done = new Promise<string>((resolve) => (answered = resolve));
    socket!.write(Buffer.concat([frames.stream(1500), clientFrame(opcodes.ping, batch)]));
    assert.equal(await done, batch);
    if (before === undefined && frames.frames >= frameCount / 4) before = await server.measure();
  }
  assert.deepEqual(told, { messages: frames.messages, pings: frames.pings });
  const after = await server.measure();
  const grownBytes = after.memoryBytes - before!.memoryBytes;
  const grownResidentBytes = after.residentBytes - before!.residentBytes;
  t.diagnostic(`grown by ${grownBytes} bytes in use, ${grownResidentBytes} resident`);
  assert.ok(grownBytes < frameCount / 2, `${grownBytes} bytes, half a byte for each frame and more`);
  assert.ok(grownResidentBytes < maxGrownResidentBytes, `${grownResidentBytes} bytes`);
  const closed = once(socket!, 'close');
  socket!.on('end', () => socket!.end());
  socket!.write(clientFrame(opcodes.close, ''));
  await closed.catch(() => undefined);
  await server.until(({ connections, deadlines, complaints }) => connections + deadlines + complaints === 0);
});
