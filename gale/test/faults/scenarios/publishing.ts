/** Scenarios 15 to 19 and 24: lost replies, duplicates, retries that are too late, and floods. */
import { setTimeout as wait } from 'node:timers/promises';
import { OutboxMemory } from '../library-client.ts';
import { toPosition } from '../publisher.ts';
import { RoomConnection } from '../room-connection.ts';
import { addressOf } from '../route.ts';
import type { Scenario } from '../scenario.ts';
import { lobby } from '../trial.ts';

export const publishingScenarios: readonly Scenario[] = [
  {
    number: 15,
    name: 'Lost reply',
    group: 'publishing',
    scale: 'The reply to 10 publishes is lost after the message was stored; the client sends each again, twice.',
    isShort: true,
    async run(trial) {
      const cluster = await trial.start({ proxies: true });
      const watcher = trial.consumer({ route: cluster.only(1) }).start();
      await watcher.ready();
      const writer = trial.publisher({ route: cluster.only(0) });
      await writer.send(3);
      const { proxy } = cluster.node(0);
      for (let round = 0; round < 10; round++) {
        proxy.hold(['toClient']);
        const count = watcher.count();
        const publishing = writer.publish();
        await trial.until(() => watcher.count() > count, 'the message is stored');
        proxy.cut();
        proxy.heal();
        const record = await publishing;
        await writer.settle(record, true);
        trial.expect(record.replies.length === 2, `${record.id}: must have 2 replies; got ${record.replies.length}`);
      }
      trial.healed();
      await writer.send(3);
    },
  },
  {
    number: 16,
    name: 'Racing duplicates',
    group: 'publishing',
    scale: '200 messages, each sent with the same id through two nodes at once.',
    async run(trial) {
      const cluster = await trial.start();
      await trial.crowd(2);
      const [one, other] = await Promise.all(
        cluster.nodes.map(({ url }) => RoomConnection.open(addressOf(url, 'twin'))),
      );
      for (let index = 0; index < 200; index++) {
        const id = `twin-${index}`;
        const record = trial.history.publish('twin', lobby, id);
        const send = { room: lobby, id, data: 'text' };
        const replies = await Promise.all([one?.ask('publish', send), other?.ask('publish', send)]);
        for (const reply of replies) if (reply?.type === 'reply') record.replies.push(toPosition(reply));
        trial.expect(record.replies.length === 2, `${id}: must have 2 replies; got ${JSON.stringify(replies)}`);
        record.outcome = 'acknowledged';
        record.settledAt = performance.now();
      }
      one?.drop();
      other?.drop();
    },
  },
  {
    number: 17,
    name: 'Retry after the id was dropped',
    group: 'publishing',
    scale: 'The server knows 4 ids of a person and keeps 5 messages; ids expire after 300 ms instead of 24 h.',
    async run(trial) {
      const cluster = await trial.start({ rooms: { historyCount: 5, dedupeCount: 4 } });
      const writer = trial.publisher({ route: cluster.only(0) });
      const old = await writer.publish();
      await writer.send(12);
      const connection = await RoomConnection.open(addressOf(cluster.node(1).url, writer.person));
      const retry = { room: lobby, data: 'text', retry: true };
      const refused = await connection.ask('publish', { ...retry, id: old.id });
      trial.expect(
        refused['code'] === 'ROOM_PUBLISH_UNKNOWN',
        `a trimmed id with dropped ids: ${JSON.stringify(refused)}`,
      );
      const kept = writer.records.at(-5);
      const again = await connection.ask('publish', { ...retry, id: kept?.id });
      if (again.type === 'reply') kept?.replies.push(toPosition(again));
      trial.expect(again.type === 'reply', `a kept message with a dropped id: ${JSON.stringify(again)}`);
      connection.drop();
      // The same after the ids expired: a kept message is known as long as it is kept.
      const brief = await cluster.addNode({ rooms: { historyCount: 5, dedupeMs: 300 } });
      const other = trial.publisher({ route: () => brief.url, room: 'brief' });
      await other.send(3);
      await wait(600);
      const late = await RoomConnection.open(addressOf(brief.url, other.person));
      const first = other.records[0];
      const reply = await late.ask('publish', { room: 'brief', id: first?.id, data: 'text', retry: true });
      if (reply.type === 'reply') first?.replies.push(toPosition(reply));
      trial.expect(reply.type === 'reply', `a kept message with an expired id: ${JSON.stringify(reply)}`);
      late.drop();
    },
  },
  {
    number: 18,
    name: 'Tab closed with unsent messages',
    group: 'publishing',
    scale: '6 pages close with up to 10 messages each without a reply, and open again with their stored outbox.',
    async run(trial) {
      const cluster = await trial.start({ proxies: true });
      await trial.crowd(2, { route: cluster.only(1) });
      const boxes = Array.from({ length: 6 }, () => new OutboxMemory());
      const pages = boxes.map((outbox) => trial.libraryClient({ outbox, route: cluster.only(0) }).start());
      await trial.until(() => pages.every(({ connects }) => connects === 1), 'all pages are connected');
      await Promise.all(pages.map((page) => page.publish()));
      // Some of the messages are stored, and nobody gets a reply.
      cluster.node(0).proxy.hold(['toClient']);
      const counts = pages.map(() => trial.integer(1, 10));
      for (const [index, page] of pages.entries()) {
        for (let count = 0; count < (counts[index] ?? 0); count++) void page.publish();
      }
      await wait(300);
      const unsent = trial.history.publishes.filter(({ outcome }) => outcome === 'unknown');
      trial.expect(
        unsent.length === counts.reduce((sum, count) => sum + count, 0),
        'a message without a reply was shown as sent',
      );
      for (const page of pages) {
        page.close();
        page.record.isExpected = false;
      }
      trial.libraryClients.length = 0;
      cluster.node(0).proxy.cut();
      cluster.node(0).proxy.heal();
      trial.healed();
      for (const [index, page] of pages.entries()) {
        const { person } = page;
        const outbox = boxes[index] as OutboxMemory;
        const again = trial.libraryClient({ person, outbox, route: cluster.only(1) });
        again.adopt(unsent.filter((record) => record.person === person));
        again.start();
      }
      await trial.until(() => boxes.every(({ entries }) => entries.length === 0), 'all outboxes are empty');
      trial.expect(
        unsent.every(({ outcome }) => outcome === 'acknowledged'),
        'a message of an outbox was not stored',
      );
    },
  },
  {
    number: 19,
    name: 'Concurrent senders',
    group: 'publishing',
    scale: '40 publishers instead of 200, at 4 nodes, in one room.',
    async run(trial) {
      await trial.start({ nodes: 4 });
      await trial.crowd(8);
      trial.libraryClient().start();
      const writers = Array.from({ length: 40 }, () => trial.publisher());
      await Promise.all(writers.map((writer) => writer.send(20)));
    },
  },
  {
    number: 24,
    name: 'Publisher flood',
    group: 'publishing',
    scale: 'One person sends 120 publishes at once with the default rates; another one writes beside them.',
    async run(trial) {
      const cluster = await trial.start({ nodes: 1, rooms: { limits: 'on' } });
      await trial.crowd(2);
      const neighbor = trial.publisher({ intervalMs: 700 }).start();
      const flood = await RoomConnection.open(addressOf(cluster.node(0).url, 'flood'));
      const responses = await Promise.all(
        Array.from({ length: 120 }, async (_, index) => {
          const record = trial.history.publish('flood', lobby, `flood-${index}`);
          const response = await flood.ask('publish', { room: lobby, id: record.id, data: 'text' });
          record.settledAt = performance.now();
          if (response.type === 'reply') {
            record.replies.push(toPosition(response));
            record.outcome = 'acknowledged';
          } else record.outcome = 'refused';
          return response;
        }),
      );
      const refused = responses.filter(({ type }) => type === 'error');
      trial.notes.push(`${refused.length} of 120 refused`);
      trial.expect(refused.length >= 100, `at most 20 of 120 may be accepted; ${120 - refused.length} were`);
      trial.expect(
        refused.every(
          ({ code, retry, retryAfterMs }) => code === 'ROOM_TOO_FAST' && retry === true && Number(retryAfterMs) > 0,
        ),
        `a refusal has another code or no delay: ${JSON.stringify(refused[0])}`,
      );
      flood.drop();
      trial.healed();
      await neighbor.acknowledged(neighbor.acknowledgedCount + 2);
      trial.expect(neighbor.retried.size === 0, 'the neighbor was refused');
    },
  },
];
