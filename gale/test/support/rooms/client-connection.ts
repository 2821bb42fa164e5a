/** The connection of a rooms client with mocked timers over scripted sockets, which records its events. */
import type { TestContext } from 'node:test';
import { resolveRoomsClientOptions } from '../../../src/rooms/client/client-options.ts';
import { ClientConnection, type ClientState } from '../../../src/rooms/client/connection.ts';
import { ScriptedSocket } from './scripted-socket.ts';

export interface TestConnection {
  readonly connection: ClientConnection;
  /** All sockets that the connection opened. */
  readonly sockets: readonly ScriptedSocket[];
  /** Events in order: each state, `welcome`, `frame TYPE` and `ended`. */
  readonly events: string[];
  /** Advances the mocked clock. */
  pass(ms: number): void;
}

/** What a test may set. */
export interface ConnectionHooks {
  readonly isSignedIn?: () => Promise<boolean>;
  /** Called after the state was recorded. */
  readonly onState?: (state: ClientState) => void;
}

/** Creates a connection that is not connected. It closes after the test. */
export function createConnection(t: TestContext, { isSignedIn, onState }: ConnectionHooks = {}): TestConnection {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const sockets: ScriptedSocket[] = [];
  const events: string[] = [];
  const connection = new ClientConnection(
    resolveRoomsClientOptions({
      url: 'ws://test',
      webSocket: () => sockets[sockets.push(new ScriptedSocket()) - 1] as unknown as WebSocket,
      ...(isSignedIn ? { isSignedIn } : {}),
    }),
    {
      onState(state) {
        events.push(state);
        onState?.(state);
      },
      onWelcome: () => events.push('welcome'),
      onFrame: ({ type }) => events.push(`frame ${type}`),
      onEnded: () => events.push('ended'),
    },
  );
  t.after(() => connection.close());
  return {
    connection,
    sockets,
    events,
    pass: (ms) => t.mock.timers.tick(ms),
  };
}
