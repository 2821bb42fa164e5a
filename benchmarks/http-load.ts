/**
 * Load for HTTP servers: keep-alive connections that each send the next batch of requests when the last was answered.
 * Lean on purpose: it counts answers by their status line and looks at nothing else. A process of its own:
 * `node http-load.ts PORT CONNECTIONS DEPTH SECONDS` prints one JSON line `{ "requests": N, "seconds": S }`.
 */
import { connect } from 'node:net';

const [port = 0, connections = 64, depth = 1, seconds = 3] = process.argv.slice(2).map(Number);
const request = Buffer.from(
  `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: load\r\nAccept: */*\r\n\r\n`.repeat(depth),
);
const statusLine = Buffer.from('HTTP/1.1 200');

let requests = 0;
let running = true;
const startedAt = performance.now();

for (let index = 0; index < connections; index += 1) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let outstanding = depth;
  socket.on('connect', () => socket.write(request));
  socket.on('data', (chunk: Buffer) => {
    for (let at = chunk.indexOf(statusLine); at >= 0; at = chunk.indexOf(statusLine, at + 12)) {
      requests += 1;
      outstanding -= 1;
    }
    if (outstanding > 0) return;
    outstanding = depth;
    if (running) socket.write(request);
    else socket.destroy();
  });
  socket.on('error', (error) => {
    if (!running) return;
    console.error(`A connection broke: ${error.message}`);
    process.exit(1);
  });
}

setTimeout(() => {
  running = false;
  console.log(JSON.stringify({ requests, seconds: (performance.now() - startedAt) / 1000 }));
  process.exit(0);
}, seconds * 1000);
