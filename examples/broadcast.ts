/** Sends each message to all connected clients: the smallest chat room, without storage. */
import { Application, WebSocketHandler, type Settings } from 'gale';
import { broadcast, type WebSocketConnection } from 'gale/websocket';

const everyone = new Set<WebSocketConnection>();

class Broadcast extends WebSocketHandler {
  override open(): void {
    everyone.add(this.connection);
  }

  override onMessage(message: string | Buffer): void {
    broadcast(everyone, message);
  }

  override onClose(): void {
    everyone.delete(this.connection);
  }
}

/** A WebSocket at `/`; each message is sent unchanged to all connected clients, including the sender. */
export function createBroadcast(settings: Settings): Application {
  return new Application([['/', Broadcast]], settings);
}
