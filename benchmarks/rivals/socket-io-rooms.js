/**
 * Rooms of Socket.IO over WebSocket only, with connection state recovery over the Redis Streams adapter, as its documentation shows:
 * `node socket-io-rooms.js --port=N --redis=URL`. An acknowledgement means that the server took the message: the adapter does not wait
 * for Redis.
 */
import { createServer } from 'node:http';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import { createClient } from 'redis';
import { Server } from 'socket.io';

const [port, url] = process.argv.slice(2).map((word) => word.slice(word.indexOf('=') + 1));
const redis = createClient({ url });
await redis.connect();

const httpServer = createServer();
const io = new Server(httpServer, {
  transports: ['websocket'],
  perMessageDeflate: false,
  adapter: createAdapter(redis),
  connectionStateRecovery: {},
});

io.on('connection', (socket) => {
  socket.on('subscribe', async (room, respond) => {
    await socket.join(room);
    respond({});
  });
  socket.on('publish', (room, message, respond) => {
    io.to(room).emit('message', message);
    respond({});
  });
});
httpServer.listen(Number(port), '127.0.0.1');
