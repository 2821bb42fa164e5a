/** Socket.IO over WebSocket only, without compression, which is its default. `node socket-io.js --port=N`. */
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const port = Number(process.argv[2].split('=')[1]);

const httpServer = createServer();
const io = new Server(httpServer, { transports: ['websocket'], perMessageDeflate: false });

io.on('connection', (socket) => {
  socket.on('message', (text) => io.emit('message', text));
});
httpServer.listen(port, '127.0.0.1');
