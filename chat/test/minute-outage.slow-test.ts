/**
 * A store that is gone for a minute while a person goes on sending: nothing that was acknowledged is missing from the history or in it twice,
 * nothing is half stored, every request gets a response in time, and the server works again by itself.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { password, Visitor } from './support/chat-server.ts';
import { annAt, assertRepaired } from './support/outage.ts';
import { outages } from './support/outages.ts';
import { until } from './support/until.ts';

const minuteMs = 60_000;
/** Longest time until any response. */
const responseMs = 20_000;

for (const { name, skip, logs, storesNothing, start } of outages) {
  test(`${name} for a minute`, { skip }, async (t) => {
    const { server, begin, end, openDatabase } = await start(t, ['--limits=off']);
    const { ann, window } = await annAt(t, server);
    const writer = ann.connect();
    const acknowledged: string[] = [];
    writer.on('published', ({ entry }) => acknowledged.push(entry.id));
    writer.on('refused', ({ entry, error }) => assert.fail(`${entry.id} was refused: ${error.code}`));
    const sends: { readonly id: string; readonly published: Promise<unknown> }[] = [];
    const send = (): void => void sends.push(writer.publish('lobby', { text: `message ${sends.length + 1}` }));

    // It begins in the middle of sends.
    for (let count = 0; count < 200; count++) send();
    await until(() => acknowledged.length >= 50);
    await begin();
    const since = performance.now();
    await until(async () => (await fetch(`${server.url}/health`)).status === 503);
    const [rooms, people]: [string[], string[]] = [[], []];
    for (let round = 0; performance.now() - since < minuteMs; round++) {
      const from = performance.now();
      send();
      const made = await window.ask('make-room', { name: `Half ${round}` });
      if (made['type'] === 'reply') rooms.push(`Half ${round}`);
      else assert.deepEqual([made['code'], made['retry']], ['ROOM_UNAVAILABLE', true]);
      const form = await new Visitor(t, server.url).submit('/register', { name: `Half ${round}`, password });
      if (form.status === 303) people.push(`Half ${round}`);
      else assert.equal(form.status, 503);
      assert.equal((await fetch(`${server.url}/health`)).status, 503);
      assert.ok(performance.now() - from < 3 * responseMs, `round ${round}`);
    }
    // What cannot be stored is not acknowledged; on a full disk there may be space for a few.
    if (storesNothing) assert.ok(acknowledged.length < sends.length, `${acknowledged.length} of ${sends.length}`);
    await end();
    await assertRepaired(t, server, window);
    send();
    await Promise.all(sends.map(({ published }) => published));
    assert.deepEqual(acknowledged.toSorted(), sends.map(({ id }) => id).toSorted());

    const { tables, close } = await openDatabase();
    t.after(close);
    const rows = await until(async () => {
      const found = await tables
        .selectFrom('message')
        .select(['seq', 'messageId', 'text'])
        .where('roomId', '=', 'lobby')
        .orderBy('seq')
        .execute();
      return found.length > sends.length && found;
    });
    assert.deepEqual(
      rows.map(({ seq }) => seq),
      rows.map((_, index) => index + 1),
    );
    // One more was sent in another window.
    const own = rows.filter(({ messageId }) => messageId !== 'a');
    assert.deepEqual(
      own.map(({ messageId, text }) => `${messageId} ${text}`),
      sends.map(({ id }, index) => `${id} message ${index + 1}`),
    );
    assert.equal(rows.length, own.length + 1);
    const namesOf = async (table: 'room' | 'person'): Promise<string[]> => {
      const found = await tables.selectFrom(table).select('name').where('name', 'like', 'Half%').execute();
      return found.map((row) => row.name).toSorted();
    };
    assert.deepEqual(await namesOf('room'), rooms.toSorted(), 'what was refused is not there');
    assert.deepEqual(await namesOf('person'), people.toSorted(), 'what was refused is not there');
    assert.match(server.output, logs);
    assert.doesNotMatch(server.output, /UnhandledRejection|uncaught/i);
    // The log says what is wrong, and does not repeat it for every request.
    const counts = Object.groupBy(server.output.match(/"msg":"[^"]*"/g) ?? [], (line) => line);
    for (const [line, all] of Object.entries(counts))
      assert.ok((all?.length ?? 0) <= 20, `${all?.length} times ${line}`);
  });
}
