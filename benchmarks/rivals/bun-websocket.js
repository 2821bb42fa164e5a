/** Bun's own WebSockets; its server publishes to all subscribers. `bun bun-websocket.js --port=N broadcast|echo`. */
const [portWord, program] = process.argv.slice(2);

const server = Bun.serve({
  port: Number(portWord.split('=')[1]),
  hostname: '127.0.0.1',
  fetch(request, server) {
    if (server.upgrade(request)) return undefined;
    return new Response('Upgrade failed', { status: 400 });
  },
  websocket: {
    perMessageDeflate: false,
    open(socket) {
      if (program === 'broadcast') socket.subscribe('all');
    },
    message(socket, message) {
      if (program === 'echo') socket.send(message);
      else server.publish('all', message);
    },
  },
});
