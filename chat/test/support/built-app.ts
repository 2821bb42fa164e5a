/** The chat of app.ts with the built page, for tests of browsers that look at the database too. */
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MemoryBroker } from 'gale';
import type { RoomsOptions } from 'gale/rooms';
import type { ChatDependencies } from '../../app.ts';
import { serveChat, type ServedChat } from './app.ts';
import { until } from './until.ts';

/** A chat whose page works. */
export interface BuiltChat extends ServedChat {
  /** Waits until nothing of a deleted room is left. */
  roomIsGone(roomId: string): Promise<void>;
}

/** Starts a new chat with the built page. Its rooms are in memory by default: the two threads of a file cost as much time as all the rest. */
export async function serveBuilt(t: TestContext, more: Partial<ChatDependencies> = {}): Promise<BuiltChat> {
  const distPath = fileURLToPath(new URL('../../dist', import.meta.url));
  const chat = await serveChat(t, { distPath, broker: new MemoryBroker(), ...more });
  return {
    ...chat,
    roomIsGone: (roomId) =>
      until(async () => {
        const { tables } = chat.database;
        const row = await tables.selectFrom('room').select('id').where('id', '=', roomId).executeTakeFirst();
        const messages = await tables.selectFrom('message').select('seq').where('roomId', '=', roomId).execute();
        const heads = await chat.broker.heads([roomId]);
        return row === undefined && messages.length === 0 && heads.get(roomId)?.top === 0;
      }).then(() => undefined),
  };
}

/**
 * Starts a new chat with the built page whose rooms have the defaults of the program: people who reload the page have not left. It costs
 * a fifth of the CPU time of a server process, so use it where the process is not the subject.
 */
export function serveAsProgram(t: TestContext, rooms: RoomsOptions = {}): Promise<BuiltChat> {
  return serveBuilt(t, { rooms });
}

/** Limits for tests in which one person sends many messages at once. */
export const manyMessages: RoomsOptions = { personPublishBurst: 2000, roomPublishBurst: 2000, commandBurst: 5000 };
