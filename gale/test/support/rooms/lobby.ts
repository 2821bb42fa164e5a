/** The room `lobby` of a test server: messages of a bot, and what a client receives. */
import type { Rooms } from 'gale';
import type { RoomMessage } from 'gale/rooms';
import type { RoomsClient } from 'gale/client';

const bot = { id: 'bot', name: 'Bot' };
let lastId = 0;

/** Publishes `count` messages at once. */
export async function publishMany(rooms: Rooms, count: number, data: unknown = 'hello'): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, () => rooms.publish('lobby', { id: `bot-${++lastId}`, author: bot, data })),
  );
}

/** Records what a client receives of the lobby. */
export function recordLobby(client: RoomsClient): { messages: RoomMessage[]; events: string[] } {
  const messages: RoomMessage[] = [];
  const events: string[] = [];
  client.on('message', ({ message }) => {
    messages.push(message);
    events.push(String(message.offset));
  });
  client.on('subscribed', ({ reply: { recovered, dropped } }) =>
    events.push(recovered ? 'recovered' : `subscribed -${dropped}`),
  );
  client.on('dropped', ({ count }) => events.push(`dropped ${count}`));
  client.on('reset', () => events.push('reset'));
  return { messages, events };
}

export function offsetsOf(messages: readonly RoomMessage[]): number[] {
  return messages.map(({ offset }) => offset);
}
