/**
 * The floor of HTTP: bare `node:net` that sends a fixed response after as many bytes as the work's request has. It has no
 * protocol, so no server that listens for `data` can be cheaper. `node floor-http.ts --port=N --work=NAME`.
 */
import { createServer } from 'node:net';
import { findHttpWork, requestsOf } from '../http/works.ts';

const [port, name] = process.argv.slice(2).map((word) => word.split('=')[1]);
const work = findHttpWork(name);

const requestBytes = requestsOf(work, Number(port))[0]?.length ?? 0;
const closes = work.kind === 'connect';
const response = Buffer.concat([
  Buffer.from(
    `HTTP/1.1 200 OK\r\nContent-Type: ${work.contentType}\r\nContent-Length: ${work.body.length}\r\n` +
      `Date: Sat, 21 Nov 2026 00:00:00 GMT\r\n${closes ? 'Connection: close\r\n' : ''}\r\n`,
  ),
  work.body,
]);
const many = Buffer.concat(Array.from({ length: work.depth }, () => response));

createServer({ noDelay: true }, (socket) => {
  let waiting = 0;
  socket.on('data', (chunk: Buffer) => {
    waiting += chunk.length;
    const requests = Math.floor(waiting / requestBytes);
    if (requests === 0) return;
    waiting -= requests * requestBytes;
    if (closes) socket.end(response);
    else socket.write(requests === 1 ? response : many.subarray(0, requests * response.length));
  });
  socket.on('error', () => socket.destroy());
}).listen(Number(port), '127.0.0.1');
