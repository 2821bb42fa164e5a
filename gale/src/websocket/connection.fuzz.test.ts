/**
 * Invalid bytes over real sockets, hundreds of connections at a time. The server responds as the rules say, closes each connection, serves
 * the others meanwhile, and keeps nothing. It runs in a separate process: a crash, an unhandled rejection or a warning fails the test.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';
import { eventually } from '../../test/support/eventually.ts';
import { MeasuredServer } from '../../test/support/processes/measured-server.ts';
import { mutated, RandomFrames } from '../../test/support/websocket/random-frames.ts';
import { seededRandom, seedOfRun } from '../../test/support/seeded-random.ts';
import { clientFrame, eventsOf, wideLimits } from '../../test/support/websocket/websocket-bytes.ts';
import { upgradeRequestTo } from '../../test/support/websocket/websocket-crowd.ts';
import { connectPeer, upgradeRequestOffering, WebSocketPeer } from '../../test/support/websocket/websocket-peer.ts';
import { RawClient } from '../../test/support/http/http-server.ts';
import { opcodes } from './protocol/frame.ts';

const program = 'measured-websocket-process.ts';
/** Options of the path `/strict`. */
const limits = { ...wideLimits, maxMessageBytes: 1000, maxFragments: 3 };
const handshake = Buffer.from(upgradeRequestTo('/strict'));
/** Longer than the rest of any frame, and not a valid beginning of one. */
const tail = Buffer.alloc(4096, 0xff);

type Random = () => number;

/** One hostile client, which checks what it receives. Settles when its connection has closed. */
type Visit = (port: number, random: Random) => Promise<void>;

function randomBytes(random: Random, most: number): Buffer {
  return Buffer.from(Array.from({ length: 1 + Math.floor(random() * most) }, () => Math.floor(random() * 256)));
}

function mutatedFrames(random: Random): Buffer {
  const frames = new RandomFrames(random, 'server');
  const stream = frames.stream(1 + Math.floor(random() * 20));
  return mutated(random() < 0.3 ? Buffer.concat([stream, frames.close(), frames.stream(2)]) : stream, random);
}

/** Sends bytes in a few writes with turns of the event loop between them. */
async function sendInPieces(peer: WebSocketPeer, stream: Buffer, random: Random): Promise<void> {
  for (let from = 0; from < stream.length;) {
    const to = from + 1 + Math.floor(random() * stream.length);
    peer.write(stream.subarray(from, to));
    from = to;
    if (random() < 0.5) await new Promise((resolve) => setImmediate(resolve));
  }
}

async function leave(peer: WebSocketPeer): Promise<void> {
  peer.socket.end();
  await eventually(() => peer.closed);
}

/** What an echo server sends back for a stream: each message, a pong for each ping, and the close frame. */
function repliesTo(stream: Buffer): { replies: string[]; isEnded: boolean } {
  const replies: string[] = [];
  for (const line of eventsOf([stream], limits)) {
    const violation = /^WS_\w+ (\d+)$/.exec(line);
    if (violation !== null) replies.push(`close ${violation[1]}`);
    else if (line.startsWith('ping')) replies.push(line.replace('ping', 'pong'));
    else if (!line.startsWith('pong')) replies.push(line);
  }
  return { replies, isEnded: replies.at(-1)?.startsWith('close ') === true };
}

/** Sends streams for which the parser predicts each response. */
async function visitWith(port: number, stream: Buffer, random: Random): Promise<void> {
  const { replies, isEnded } = repliesTo(stream);
  const peer = await connectPeer(port, handshake);
  await sendInPieces(peer, stream, random);
  const hex = (): string => stream.toString('hex');
  await eventually(() => (isEnded ? peer.ended : peer.events.length >= replies.length), hex);
  // The reason of a violation names the rule; only its code is compared.
  const last = peer.events.at(-1);
  const isViolation = isEnded && /^close 10(02|07|09)$/.test(replies.at(-1)!);
  const events = isViolation ? [...peer.events.slice(0, -1), last?.slice(0, 'close 1002'.length)] : peer.events;
  assert.deepEqual(events, replies, hex());
  await leave(peer);
  assert.equal(peer.events.length, replies.length, hex());
}

const visits: Readonly<Record<string, Visit>> = {
  'random bytes': (port, random) => visitWith(port, randomBytes(random, 300), random),
  'valid frames with one mutation': (port, random) => visitWith(port, mutatedFrames(random), random),
  'valid frames with one mutation, then bytes that are not a frame': (port, random) =>
    visitWith(port, Buffer.concat([mutatedFrames(random), tail]), random),
  async 'compressed messages with one mutation, then bytes that are not a frame'(port, random) {
    const messages = Array.from({ length: 1 + Math.floor(random() * 5) }, (_, index) => {
      const text = `message ${index} ${random()}`.repeat(1 + Math.floor(random() * 60));
      const deflated = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
      return clientFrame(opcodes.text, deflated, { reserved: 4 });
    });
    const request = upgradeRequestOffering('permessage-deflate').replace('GET / ', 'GET /compressed ');
    const peer = await connectPeer(port, request);
    await sendInPieces(peer, Buffer.concat([mutated(Buffer.concat(messages), random), tail]), random);
    await eventually(() => peer.ended);
    const last = peer.events.at(-1) ?? 'nothing';
    // A mutation may create a close frame with another code, but the connection always ends with a close code.
    assert.match(last, /^close \d{4}\b/, last);
    await leave(peer);
  },
  async 'a handshake with one mutation and frames after it'(port, random) {
    const client = new RawClient(port);
    await client.send(Buffer.concat([mutated(handshake, random), mutatedFrames(random)]).toString('latin1'));
    // This ends a request whose head is incomplete.
    client.socket.end();
    const received = await client.rest();
    assert.match(received, /^(HTTP\/1\.1 (101|4\d\d|501|505) |$)/);
    await client.closed;
  },
  async 'frames with one mutation, then the end at once'(port, random) {
    const peer = await connectPeer(port, Buffer.concat([handshake, mutatedFrames(random)]));
    if (random() < 0.5) peer.socket.resetAndDestroy();
    else peer.socket.destroy();
    await eventually(() => peer.closed);
  },
};

for (const [name, visit] of Object.entries(visits)) {
  test(`${name}, a thousand times: closes each, serves others, keeps nothing`, async (t) => {
    const seed = seedOfRun();
    t.diagnostic(`seed ${seed}`);
    const random = seededRandom(seed);
    const server = await MeasuredServer.startProgram(t, program);
    await server.staysTheSame(async () => {
      const witness = await connectPeer(server.port, handshake);
      for (let group = 1; group <= 5; group++) {
        await Promise.all(Array.from({ length: 40 }, () => visit(server.port, random)));
        witness.send(opcodes.text, `still here ${group}`);
        await witness.saw(`text still here ${group}`);
      }
      assert.equal(witness.events.length, 5);
      witness.close(1000);
      await eventually(() => witness.ended);
      await leave(witness);
    });
  });
}
