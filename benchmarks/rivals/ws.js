/** ws, with the loop over its clients from its README. `node ws.js --port=N broadcast|echo`. */
import { WebSocket, WebSocketServer } from 'ws';

const [portWord, program] = process.argv.slice(2);
const port = Number(portWord.split('=')[1]);

const server = new WebSocketServer({ port, host: '127.0.0.1', perMessageDeflate: false });

server.on('connection', (socket) => {
  // A reset connection emits an error, which must not end the server.
  socket.on('error', () => socket.terminate());
  socket.on('message', (data, isBinary) => {
    if (program === 'echo') socket.send(data, { binary: isBinary });
    else broadcast(data, isBinary);
  });
});

function broadcast(data, isBinary) {
  for (const client of server.clients) {
    if (client.readyState === WebSocket.OPEN) client.send(data, { binary: isBinary });
  }
}
