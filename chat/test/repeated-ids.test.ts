/** A sender who uses the id of an old message again, after the stream has forgotten it: the text is a message as any other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveChat } from './support/app.ts';
import { RawSocket, type Frame } from './support/raw-socket.ts';
import { servedDatabases } from './support/storages.ts';
import { lobbyId as room } from '../wire.ts';

const rooms = { dedupeCount: 1, personPublishBurst: 1000, roomPublishBurst: 1000, commandBurst: 1000 };

for (const { name, skip, parts } of servedDatabases) {
  test(
    `${name}: a text under the id of an older message is in the history, in order, and can be deleted`,
    { skip },
    async (t) => {
      const chat = await serveChat(t, { rooms, ...(await parts()) });
      const eve = await RawSocket.open(await chat.person('Eve'));
      const say = (id: string, text: string): Promise<Frame> => eve.do('publish', { room, id, data: { text } });
      await eve.do('subscribe', { room });
      await say('old', 'first');
      for (let number = 2; number <= 102; number++) await say(`m${number}`, `${number}`);
      const { offset } = await say('old', 'second');
      await say('new', 'third');
      const texts = async (): Promise<string[]> => {
        // A command about the newest message waits until the history has it.
        await eve.do('react', { room, seq: 104, emoji: '👍', on: false });
        const { messages } = (await eve.do('read-history', { room, after: 101 })) as unknown as {
          messages: { seq: number; id: string; data: { text: string } }[];
        };
        return messages.map(({ seq, id, data }) => `${seq} ${id} ${data.text}`);
      };
      assert.deepEqual(await texts(), ['102 m102 102', '103 old second', '104 new third']);
      await eve.do('edit-message', { room, seq: 103, text: 'edited' });
      await eve.do('delete-message', { room, seq: 103 });
      const amended = eve.frames.filter(({ type }) => type === 'amend');
      assert.deepEqual(
        amended.map((frame) => [frame['offset'], (frame['data'] as { text: string }).text]),
        [
          [offset, 'edited'],
          [offset, ''],
        ],
      );
      assert.deepEqual(await texts(), ['102 m102 102', '103 old ', '104 new third']);
      const { messages } = await eve.do('read-history', { room, before: 2 });
      assert.equal((messages as { data: { text: string } }[])[0]?.data.text, 'first');
    },
  );
}
