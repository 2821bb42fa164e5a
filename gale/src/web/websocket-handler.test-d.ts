/** WebSocket handlers and callbacks of a client that the compiler must accept; checked by `tsc --noEmit`. */
import { connectWebSocket } from '../websocket/client/client.ts';
import { authenticated } from './authenticated.ts';
import type { Route } from './route.ts';
import { WebSocketHandler } from './websocket-handler.ts';

/** Handlers may narrow the type of messages and return the result of `writeMessage`. */
export class TextOnly extends WebSocketHandler<string> {
  override open({ room }: { room: string }): void {
    this.writeMessage({ room });
  }
  override onMessage(message: string): PromiseLike<boolean> {
    return this.writeMessage(message);
  }
}

export class BinaryOnly extends WebSocketHandler {
  override async open(): Promise<boolean> {
    return this.writeMessage('welcome');
  }
  override async onMessage(message: Buffer): Promise<boolean> {
    return this.writeMessage(message);
  }
  override async onClose(code: number): Promise<number> {
    return code;
  }
}

class Guarded extends WebSocketHandler<string> {
  override readonly get = authenticated(function (this: Guarded) {
    WebSocketHandler.prototype.get.call(this);
  });
}

export const routes: readonly Route[] = [['/', Guarded]];

const seen: unknown[] = [];
export const client: unknown = connectWebSocket('ws://localhost', {
  onMessage: (message) => seen.push(message),
  onPing: (_data) => undefined,
  onClose: async (code, reason) => [code, reason],
});
export const echo: unknown = connectWebSocket('ws://localhost', {
  onMessage: (message, from) => from.writeMessage(message),
});
