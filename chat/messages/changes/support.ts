/** Stored messages for tests of changes: published to rooms, and written to the table as the history does it. */
import type { TestContext } from 'node:test';
import { MemoryBroker, Rooms } from 'gale/rooms';
import { createLogger, type Logger } from 'gale';
import type { Broker } from 'gale/rooms';
import type { ChatDatabase } from '../../database/database.ts';
import type { Role } from '../../database/tables.ts';
import { lobbyId, type MessageData } from '../../wire.ts';
import { MessageChanges } from './message-changes.ts';

export const quiet: Logger = createLogger({ level: 'silent' });

/** A server of a chat without sockets. */
export interface Talk {
  readonly database: ChatDatabase;
  readonly broker: Broker;
  readonly rooms: Rooms<MessageData>;
  readonly changes: MessageChanges;
  /** The clock of the changes, in milliseconds since 1970. */
  readonly clock: { now: number };
  addPerson(id: string, role?: Role): Promise<void>;
  /** Publishes a message; without `isStored` the table does not have it. @returns Its number. */
  say(author: string, text: string, more?: { readonly room?: string; readonly isStored?: boolean }): Promise<number>;
  /** The data in the stream. */
  streamed(seq: number, room?: string): Promise<MessageData | undefined>;
}

/** @param broker - That of another server of the same chat. */
export function openTalk(
  t: TestContext,
  database: ChatDatabase,
  {
    broker = new MemoryBroker(),
    historyCount = 100,
  }: { readonly broker?: Broker; readonly historyCount?: number } = {},
): Talk {
  const rooms = new Rooms<MessageData>(broker, { limits: 'off', log: quiet, historyCount });
  const clock = { now: Date.now() };
  const changes = new MessageChanges({ database, rooms, log: quiet, now: () => clock.now });
  t.after(async () => {
    await changes.close();
    await rooms.close();
  });
  const { tables } = database;
  return {
    database,
    broker,
    rooms,
    changes,
    clock,
    addPerson: async (id, role = 'member') => {
      const row = { id, name: id.toUpperCase(), nameKey: id, passwordHash: '', createdAt: 1, role };
      await tables.insertInto('person').values(row).execute();
    },
    say: async (author, text, { room = lobbyId, isStored = true } = {}) => {
      const id = crypto.randomUUID();
      const { epoch, offset, time } = await rooms.publish(room, {
        id,
        author: { id: author, name: author },
        data: { text },
      });
      if (isStored) {
        await tables
          .insertInto('message')
          .values({
            roomId: room,
            seq: offset,
            authorId: author,
            messageId: id,
            text,
            sentAt: time,
            epoch,
            streamOffset: offset,
          })
          .execute();
        await tables.updateTable('room').set({ topSeq: offset }).where('id', '=', room).execute();
      }
      return offset;
    },
    streamed: async (seq, room = lobbyId) => {
      const { messages } = await rooms.history(room);
      return messages.find(({ offset }) => offset === seq)?.data;
    },
  };
}
