/** A sender who uses the id of an old message again, after the stream has forgotten it, to send a text that is not in the history. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveChat } from './support/app.ts';
import { RawSocket, type Frame } from './support/raw-socket.ts';
import { servedDatabases } from './support/storages.ts';
import { lobbyId as room } from '../wire.ts';

const rooms = { historyCount: 3, dedupeCount: 1, personPublishBurst: 100, commandBurst: 1000 };

for (const { name, skip, parts } of servedDatabases) {
  test(
    `${name}: a text under the id of an older message is not shown, and the message can still be deleted`,
    { skip },
    async (t) => {
      const chat = await serveChat(t, { rooms, ...(await parts()) });
      const eve = await RawSocket.open(await chat.person('Eve'));
      const say = (id: string, text: string): Promise<Frame> => eve.do('publish', { room, id, data: { text } });
      await eve.do('subscribe', { room });
      await say('old', 'first');
      for (const id of ['a', 'b', 'c', 'd']) await say(id, id);
      const { offset } = await say('old', 'second');
      const amended = await eve.frame({ type: 'amend', offset });
      assert.deepEqual(amended['data'], { text: 'first' });
      const { messages } = await eve.do('read-history', { room });
      assert.deepEqual(
        (messages as { data: { text: string } }[]).map(({ data }) => data.text),
        ['first', 'a', 'b', 'c', 'd'],
      );
      await say('e', 'e');
      const from = eve.frames.length;
      await eve.do('delete-message', { room, seq: 1 });
      const deleted = await eve.frame({ type: 'amend', offset }, from);
      assert.equal((deleted['data'] as { text: string }).text, '');
    },
  );
}
