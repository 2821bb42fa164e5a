/** A WebSocket that sends back what it got. */
import { Application, WebSocketHandler, type Settings } from 'gale';

/** Bytes that may be on their way back to a client while more of it is read. */
const readAheadBytes = 1_048_576;

class Echo extends WebSocketHandler {
  override onMessage(message: string | Buffer): void | Promise<void> {
    this.writeMessage(message);
    // A client that sends faster than it reads has to wait; nothing more is read before this settles.
    if (this.connection.bufferedBytes > readAheadBytes) return this.drained(readAheadBytes);
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
