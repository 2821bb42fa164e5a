/** A WebSocket that sends back each message. */
import { Application, WebSocketHandler, type Settings } from 'gale';

/** Maximum buffered bytes to a client while the server reads more from it. */
const readAheadBytes = 1_048_576;

class Echo extends WebSocketHandler {
  override onMessage(message: string | Buffer): void | Promise<void> {
    this.writeMessage(message);
    // Backpressure: the server reads nothing more from the client before this settles.
    if (this.connection.bufferedAmount > readAheadBytes) return this.drained(readAheadBytes);
  }
}

/** A WebSocket at `/` that sends each message back, text as text and binary as binary; compressed if the client offers it. */
export function createEcho(settings: Settings, maxMessageBytes: number): Application {
  return new Application([['/', Echo]], {
    ...settings,
    websocket: {
      maxMessageBytes,
      maxFragments: 300_000,
      maxBufferedBytes: maxMessageBytes + 2 * readAheadBytes,
      compress: true,
    },
  });
}
