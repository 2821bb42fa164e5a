/**
 * The floor of WebSocket: bare `node:net` that responds to the handshake, finds payloads, and writes each frame once per
 * socket. It has no other protocol, so no JavaScript server on Node.js that writes each message separately can be cheaper.
 * `node floor-websocket.ts --port=N PROGRAM`. `broadcast` sends a message to all sockets; `broadcast-joined` does the same
 * with the frames of one turn of the event loop in one write; `echo` sends the frames of one read back in one write.
 */
import { hash } from 'node:crypto';
import { createServer, type Socket } from 'node:net';

const [portWord = '', program] = process.argv.slice(2);
const receivers = new Set<Socket>();
let joined: Buffer[] = [];

const programs: Readonly<Record<string, (socket: Socket, frames: readonly Buffer[]) => void>> = {
  broadcast: (_socket, frames) => {
    for (const frame of frames) for (const receiver of receivers) receiver.write(frame);
  },
  'broadcast-joined': (_socket, frames) => {
    if (frames.length > 0 && joined.length === 0) setImmediate(writeJoined);
    joined.push(...frames);
  },
  echo: (socket, frames) => {
    if (frames.length > 0) socket.write(frames.length === 1 ? frames[0]! : Buffer.concat(frames));
  },
};
const run = programs[program ?? ''];
if (run === undefined) throw new Error(`Unknown program ${program}.`);

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
      isOpen = true;
      receivers.add(socket);
      return;
    }
    const input = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    const frames: Buffer[] = [];
    let at = 0;
    for (let end = frameEnd(input, at); end <= input.length; end = frameEnd(input, at)) {
      frames.push(unmaskedFrame(input, at, end));
      at = end;
    }
    rest = at === input.length ? undefined : input.subarray(at);
    run(socket, frames);
  });
  socket.on('close', () => receivers.delete(socket));
  socket.on('error', () => socket.destroy());
}).listen(Number(portWord.split('=')[1]), '127.0.0.1');

/** End offset of the masked frame at `at`; infinite while its head is incomplete. */
function frameEnd(input: Buffer, at: number): number {
  if (input.length < at + 4) return Infinity;
  const length = input[at + 1]! & 0x7f;
  return length < 126 ? at + 6 + length : at + 8 + input.readUInt16BE(at + 2);
}

/** The same frame as a server sends it. */
function unmaskedFrame(input: Buffer, at: number, end: number): Buffer {
  const headBytes = (input[at + 1]! & 0x7f) < 126 ? 2 : 4;
  const maskAt = at + headBytes;
  const frame = Buffer.allocUnsafe(end - at - 4);
  input.copy(frame, 0, at, maskAt);
  frame[1]! &= 0x7f;
  for (let from = maskAt + 4, to = headBytes; from < end; from += 1, to += 1) {
    frame[to] = input[from]! ^ input[maskAt + ((to - headBytes) & 3)]!;
  }
  return frame;
}

function writeJoined(): void {
  const bytes = joined.length === 1 ? joined[0]! : Buffer.concat(joined);
  joined = [];
  for (const receiver of receivers) receiver.write(bytes);
}
