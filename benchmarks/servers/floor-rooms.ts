/**
 * The floor of stored publishes: bare `node:net` that responds to the handshake, finds the frames, writes the texts of all that arrived
 * meanwhile to one file, waits until the disk has them, and then responds to each and sends it to the connections that subscribed. It
 * checks nothing, trims nothing and has no other protocol. `node floor-rooms.ts --port=N [memory]`; `memory` writes no file.
 */
import { hash } from 'node:crypto';
import { fdatasync, openSync, writev } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [portWord = '', store] = process.argv.slice(2);
const file = store === 'memory' ? undefined : openSync(join(tmpdir(), 'floor'), 'w');
const subscribers = new Set<Socket>();
const epoch = 'floor';
let offset = 0;
let waiting: { readonly socket: Socket; readonly text: string }[] = [];
let isWriting = false;

createServer({ noDelay: true }, (socket) => {
  let rest: Buffer | undefined;
  let isOpen = false;
  socket.on('data', (chunk: Buffer) => {
    if (!isOpen) {
      const key = /sec-websocket-key: (.*)\r\n/i.exec(chunk.toString('latin1'))?.[1] ?? '';
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          `Sec-WebSocket-Accept: ${hash('sha1', `${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`, 'base64')}\r\n\r\n`,
      );
      socket.write(frame('{"type":"welcome"}'));
      isOpen = true;
      return;
    }
    const input = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (let end = frameEnd(input, at); end <= input.length; end = frameEnd(input, at)) {
      const text = payloadText(input, at, end);
      if (text.startsWith('{"type":"publish"')) waiting.push({ socket, text });
      else {
        subscribers.add(socket);
        socket.write(frame(`{"epoch":"${epoch}"}`));
      }
      at = end;
    }
    rest = at === input.length ? undefined : input.subarray(at);
    if (waiting.length > 0 && !isWriting) {
      isWriting = true;
      setImmediate(store === 'memory' ? respondToAll : writeAll);
    }
  });
  socket.on('close', () => subscribers.delete(socket));
  socket.on('error', () => socket.destroy());
}).listen(Number(portWord.split('=')[1]), '127.0.0.1');

function writeAll(): void {
  const batch = waiting;
  waiting = [];
  writev(file!, [Buffer.from(batch.map(({ text }) => text).join(''))], (failed) => {
    if (failed) throw failed;
    fdatasync(file!, (error) => {
      if (error) throw error;
      respond(batch);
      isWriting = waiting.length > 0;
      if (isWriting) writeAll();
    });
  });
}

function respondToAll(): void {
  const batch = waiting;
  waiting = [];
  isWriting = false;
  respond(batch);
}

function respond(batch: readonly { readonly socket: Socket; readonly text: string }[]): void {
  const replies = new Map<Socket, Buffer[]>();
  const messages: Buffer[] = [];
  for (const { socket, text } of batch) {
    offset += 1;
    const ref = text.slice(24, text.indexOf(',', 24));
    messages.push(frame(`{"type":"message","offset":${offset},${text.slice(18)}`));
    const own = replies.get(socket) ?? [];
    own.push(frame(`{"type":"reply","offset":${offset},"ref":${ref}}`));
    replies.set(socket, own);
  }
  const joined = Buffer.concat(messages);
  for (const subscriber of subscribers) subscriber.write(joined);
  for (const [socket, frames] of replies) socket.write(Buffer.concat(frames));
}

function frame(text: string): Buffer {
  const bytes = Buffer.from(text);
  const head = bytes.length < 126 ? [0x81, bytes.length] : [0x81, 126, bytes.length >> 8, bytes.length & 0xff];
  return Buffer.concat([Buffer.from(head), bytes]);
}

/** End offset of the masked frame at `at`; infinite while its head is incomplete. */
function frameEnd(input: Buffer, at: number): number {
  if (input.length < at + 4) return Infinity;
  const length = input[at + 1]! & 0x7f;
  return length < 126 ? at + 6 + length : at + 8 + input.readUInt16BE(at + 2);
}

/** The text of the frame from `at` to `end`. */
function payloadText(input: Buffer, at: number, end: number): string {
  const maskAt = at + ((input[at + 1]! & 0x7f) < 126 ? 2 : 4);
  const payload = input.subarray(maskAt + 4, end);
  for (let index = 0; index < payload.length; index += 1) payload[index]! ^= input[maskAt + (index & 3)]!;
  return payload.toString('latin1');
}
