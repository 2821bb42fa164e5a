/** A WebSocket that sends back what it got. */
import { Application, WebSocketHandler, type Settings } from 'gale';

class Echo extends WebSocketHandler {
  override onMessage(message: string | Buffer): void {
    this.writeMessage(message);
  }
}

/** A WebSocket at `/` that sends each message back, text as text and binary as binary. */
export function createEcho(settings: Settings, maxMessageBytes: number): Application {
  return new Application([['/', Echo]], {
    ...settings,
    websocket: {
      maxMessageBytes,
      maxFragments: 300_000,
      // The largest message has to fit, and one more while it leaves.
      maxBufferedBytes: 2 * maxMessageBytes + 1_048_576,
    },
  });
}
