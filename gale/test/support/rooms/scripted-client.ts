/** A rooms client with mocked timers over scripted sockets, which records its events. */
import type { TestContext } from 'node:test';
import type { RoomsClientOptions } from '../../../src/rooms/client/client-options.ts';
import { RoomsClient } from '../../../src/rooms/client/rooms-client.ts';
import { ScriptedSocket } from './scripted-socket.ts';

export interface TestClient {
  readonly client: RoomsClient;
  /** All sockets that the client opened. */
  readonly sockets: ScriptedSocket[];
  /** The newest one. */
  readonly socket: ScriptedSocket;
  /** Events of the client, one string each. */
  readonly events: string[];
  /** Advances the mocked clock. */
  pass(ms: number): void;
}

/** Creates a client that is not connected. It closes after the test. */
export function createClient(t: TestContext, options: Partial<RoomsClientOptions> = {}): TestClient {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
  const sockets: ScriptedSocket[] = [];
  const client = new RoomsClient({
    url: 'ws://test',
    webSocket: () => {
      const socket = new ScriptedSocket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    random: () => 0.5,
    ...options,
  });
  const events: string[] = [];
  client.on('state', ({ state }) => events.push(state));
  client.on('subscribed', ({ room, reply: { top } }) => events.push(`subscribed ${room} ${top}`));
  client.on('unsubscribed', ({ room, error: { code } }) => events.push(`unsubscribed ${room} ${code}`));
  client.on('message', ({ room, epoch, message: { offset } }) => events.push(`${room} ${epoch} ${offset}`));
  client.on('stale', ({ room, epoch, after, count }) => events.push(`stale ${room} ${epoch} ${after} ${count}`));
  client.on('dropped', ({ room, after, count }) => events.push(`dropped ${room} ${after} ${count}`));
  client.on('reset', ({ room, epoch, first }) => events.push(`reset ${room} ${epoch} ${first}`));
  client.on('published', ({ entry: { id }, at: { offset } }) => events.push(`published ${id} ${offset}`));
  client.on('refused', ({ entry: { id }, error: { code } }) => events.push(`refused ${id} ${code}`));
  client.on('people', ({ room, count, people }) =>
    events.push(`people ${room} ${count} ${people?.map(({ id }) => id)}`),
  );
  client.on('presence', ({ room, count, entered, left }) =>
    events.push(`presence ${room} ${count} ${entered?.map(({ id }) => id)} ${left?.map(({ id }) => id)}`),
  );
  client.on('unknown', ({ entry: { id }, error: { code } }) => events.push(`unknown ${id} ${code}`));
  client.on('read', ({ room, epoch, offset }) => events.push(`read ${room} ${epoch} ${offset}`));
  client.on('signal', ({ room, data }) => events.push(`signal ${room} ${String(data)}`));
  client.on('event', ({ type }) => events.push(`event ${type}`));
  client.on('ended', ({ reason }) => events.push(`ended ${reason}`.trim()));
  t.after(() => client.close());
  return {
    client,
    sockets,
    get socket() {
      return sockets.at(-1) as ScriptedSocket;
    },
    events,
    pass: (ms) => t.mock.timers.tick(ms),
  };
}

/** Creates a client that is open. Its events begin after that. */
export function openClient(t: TestContext, options?: Partial<RoomsClientOptions>): TestClient {
  const opened = createClient(t, options);
  opened.client.connect();
  opened.socket.welcome();
  opened.events.length = 0;
  return opened;
}

/** The fields of a reply to `subscribe` for an empty room. */
export const emptyStart = {
  epoch: 'e',
  top: 0,
  first: 1,
  life: 'k',
  recovered: true,
  reset: false,
  dropped: 0,
  cursor: null,
};

/** The frame of a message. */
export function message(offset: number, epoch = 'e', room = 'lobby'): object {
  const author = { id: 'b', name: 'B' };
  return { type: 'message', room, epoch, offset, life: 'k', id: `m${offset}`, author, time: 0, data: 1 };
}

/** Ids of the published messages, each with its `retry`. */
export function attempts(socket: ScriptedSocket): string[] {
  return socket
    .commands('publish')
    .map(({ id, retry }) => `${String(id)}${retry === undefined ? '' : ` ${String(retry)}`}`);
}
