/** Everyone who is connected gets what anyone sends: the smallest chat room, which forgets. */
import { Application, broadcast, WebSocketHandler, type Settings, type WebSocketConnection } from 'gale';

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

/** A WebSocket at `/`; each message goes unchanged to everyone connected, the sender included. */
export function createBroadcast(settings: Settings): Application {
  return new Application([['/', Broadcast]], settings);
}
