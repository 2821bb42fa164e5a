import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { GaleError } from 'gale';
import { MemoryBroker, type Broker } from 'gale/rooms';
import { RedisBroker } from 'gale/redis';
import { redisMissing, startRedis } from 'gale/testing';
import { lobbyId } from '../../wire.ts';
import { describeDatabases, type OpenDatabase } from '../../test/support/databases.ts';
import { openTalk, quiet, type Talk } from './support.ts';

const at = (seq: number): { room: string; seq: number } => ({ room: lobbyId, seq });

/** Two people on two servers change one message at once, many times. */
async function changeAtOnce(one: Talk, other: Talk): Promise<void> {
  for (const person of ['ann', 'bob']) await one.addPerson(person);
  const seq = await one.say('ann', 'text');
  const emoji = [...'😀😁😂😃😄😅😆😇'];
  await Promise.all([
    ...emoji.map((each) => one.changes.react('ann', at(seq), each, true)),
    ...emoji.map((each) => other.changes.react('bob', at(seq), each, true)),
    ...emoji.map((_, index) => one.changes.edit('ann', at(seq), `text ${index}`)),
  ]);
  // An update that gave up leaves the message pending.
  await Promise.all([one.changes.sweep(), other.changes.sweep()]);
  const { data, row } = await stored(one, seq);
  assert.equal(row.change, 24);
  assert.equal(row.pending, 0);
  assert.deepEqual(data.map(({ personId }) => personId).toSorted(), [
    ...emoji.map(() => 'ann'),
    ...emoji.map(() => 'bob'),
  ]);
  const streamed = await other.streamed(seq);
  assert.equal(streamed?.change, 24);
  assert.equal(streamed.text, row.text);
  assert.deepEqual(
    streamed.reactions?.map(({ count }) => count),
    emoji.map(() => 2),
  );
}

async function stored(
  { database: { tables } }: Talk,
  seq: number,
): Promise<{ row: { text: string; change: number; pending: number }; data: { personId: string }[] }> {
  const row = await tables.selectFrom('message').selectAll().where('seq', '=', seq).executeTakeFirstOrThrow();
  return { row, data: await tables.selectFrom('reaction').select('personId').where('seq', '=', seq).execute() };
}

/** A broker that cannot amend while `isBroken`. */
function breakable(): { broker: Broker; state: { isBroken: boolean } } {
  const state = { isBroken: false };
  const broker = new MemoryBroker();
  const amend = broker.amend.bind(broker);
  broker.amend = async (...parameters) => {
    if (state.isBroken) throw new GaleError('ROOM_UNAVAILABLE', 'It is broken.');
    return amend(...parameters);
  };
  return { broker, state };
}

function define(open: OpenDatabase): void {
  test('two people on two servers change one message at once: all counts are right, and the newest change wins', async (t) => {
    const database = await open(t);
    const one = openTalk(t, database);
    await changeAtOnce(one, openTalk(t, database, { broker: one.broker }));
  });

  test('the same with Redis', { skip: redisMissing() }, async (t) => {
    const database = await open(t);
    const redis = await startRedis();
    t.after(() => redis.stop());
    const connect = async (context: TestContext): Promise<Broker> => {
      const broker = await RedisBroker.open({ url: redis.url, log: quiet });
      context.after(() => broker.close());
      return broker;
    };
    await changeAtOnce(
      openTalk(t, database, { broker: await connect(t) }),
      openTalk(t, database, { broker: await connect(t) }),
    );
  });

  test('a change that did not reach the stream is repaired by the sweep of any server', async (t) => {
    const database = await open(t);
    const { broker, state } = breakable();
    const one = openTalk(t, database, { broker });
    const seqs = [await one.say('ann', 'a'), await one.say('ann', 'b')];
    state.isBroken = true;
    for (const seq of seqs) assert.equal((await one.changes.remove('ann', at(seq), false)).text, '');
    await one.changes.sweep();
    assert.equal((await one.streamed(seqs[0]!))?.text, 'a');
    state.isBroken = false;
    await openTalk(t, database, { broker }).changes.sweep();
    for (const seq of seqs) {
      assert.equal((await one.streamed(seq))?.text, '');
      assert.equal((await stored(one, seq)).row.pending, 0);
    }
  });

  test('a repeated command brings a pending change to the stream', async (t) => {
    const { broker, state } = breakable();
    const { changes, say, streamed } = openTalk(t, await open(t), { broker });
    const seq = await say('ann', 'a');
    state.isBroken = true;
    await changes.edit('ann', at(seq), 'b');
    state.isBroken = false;
    assert.equal((await changes.edit('ann', at(seq), 'b')).change, 1);
    assert.equal((await streamed(seq))?.text, 'b');
  });

  test('a message is found in a stream that was reset', async (t) => {
    const { changes, say, streamed, rooms, broker } = openTalk(t, await open(t), { historyCount: 2 });
    for (const text of ['a', 'b', 'c']) await say('ann', text);
    const { epoch } = await rooms.position(lobbyId);
    await broker.renewEpoch(lobbyId, epoch);
    await changes.edit('ann', at(3), 'C');
    assert.equal((await streamed(2))?.text, 'C');
  });

  test('the table wins over a stream with changes that it lost', async (t) => {
    const talk = openTalk(t, await open(t));
    const seq = await talk.say('ann', 'a');
    for (const text of ['b', 'c', 'd']) await talk.changes.edit('ann', at(seq), text);
    // An older backup of the table is restored.
    await talk.database.tables.updateTable('message').set({ text: 'b', change: 1 }).execute();
    for (const text of ['x', 'y', 'z']) {
      await talk.changes.edit('ann', at(seq), text);
      assert.equal((await talk.streamed(seq))?.text, text);
      assert.equal((await stored(talk, seq)).row.pending, 0);
    }
  });
}

describeDatabases('changed messages in the stream', define);
