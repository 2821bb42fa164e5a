/** The floor of HTTP: bare `node:net` that answers fixed bytes to each head it sees. No protocol at all. */
import { createServer } from 'node:net';

const answer =
  'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\nDate: Sat, 21 Nov 2026 00:00:00 GMT\r\n\r\nHello, world!';
const port = Number(process.argv[2]?.split('=')[1]);

createServer({ noDelay: true }, (socket) => {
  socket.on('data', (chunk: Buffer) => {
    // A head ends in CR LF CR LF; the load sends whole heads.
    let heads = 0;
    for (let at = chunk.indexOf('\r\n\r\n'); at >= 0; at = chunk.indexOf('\r\n\r\n', at + 4)) heads += 1;
    socket.write(heads === 1 ? answer : answer.repeat(heads));
  });
  socket.on('error', () => socket.destroy());
}).listen(port, '127.0.0.1');
