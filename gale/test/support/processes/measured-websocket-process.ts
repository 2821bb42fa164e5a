/**
 * A WebSocket server alone in its process, for measured-server.ts; start it with `--expose-gc`. The path selects the behaviour:
 * `/relay` sends each message to all connections of that path, other paths echo it to its sender;
 * `/strict` accepts messages of up to 1000 bytes and 3 fragments, `/compressed` does the same and compresses,
 * `/watchful` pings after at most 400 ms and waits 300 ms for the pong.
 */
import { ProtocolError } from '../../../src/errors.ts';
import { HttpServer } from '../../../src/http/server.ts';
import { acceptWebSocket, broadcast, readHandshake, refusalHeaders } from '../../../src/websocket.ts';
import type { WebSocketConnection, WebSocketOptions } from '../../../src/websocket.ts';
import { reportMeasurements } from './measured-process.ts';

const strict = { maxMessageBytes: 1000, maxFragments: 3 } as const;
const optionsOf: Readonly<Record<string, WebSocketOptions>> = {
  // Its receivers count bytes, and a ping would be two more.
  '/relay': { pingIntervalMs: 0 },
  '/strict': strict,
  '/compressed': { ...strict, compress: true, compressFromBytes: 100 },
  '/watchful': { pingIntervalMs: 400, pongTimeoutMs: 300 },
};

const relay = new Set<WebSocketConnection>();
let running = 0;
let complaints = 0;
const complain = (): void => void complaints++;
process.on('warning', complain);

const server = new HttpServer(
  (request, response) => {
    const isRelay = request.path === '/relay';
    try {
      const handshake = readHandshake(request);
      running++;
      const connection: WebSocketConnection = acceptWebSocket(
        request,
        handshake,
        {
          onOpen(opened) {
            if (isRelay) relay.add(opened);
          },
          onMessage(message) {
            if (isRelay) broadcast(relay, message);
            else connection.send(message);
          },
          onClose() {
            running--;
            relay.delete(connection);
          },
          onError(error) {
            // A peer that breaks a rule is not a fault of the server.
            if (!(error instanceof ProtocolError)) complain();
          },
        },
        { options: optionsOf[request.path] },
      );
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      response.send(error.status, refusalHeaders(error), '');
    }
  },
  { log: { debug() {}, info() {}, warn: complain, error: complain } },
);

reportMeasurements(server, () => ({ running, full: 0, complaints }));
const { port } = await server.listen(0, '127.0.0.1');
process.send?.(port);
