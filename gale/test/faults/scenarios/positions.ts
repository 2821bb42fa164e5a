/** Scenarios 8 and 11 to 14, 56: what a position brings back, in which pages, and with which announcement. */
import { setTimeout as wait } from 'node:timers/promises';
import { judgeResources } from '../measured-limits.ts';
import type { SeenPosition } from '../history.ts';
import { toPosition } from '../publisher.ts';
import { RoomConnection } from '../room-connection.ts';
import { addressOf } from '../route.ts';
import type { Scenario } from '../scenario.ts';
import { lobby } from '../trial.ts';
import type { Trial } from '../trial.ts';
import { expectRecovered } from './connections.ts';

export const positionScenarios: readonly Scenario[] = [
  {
    number: 8,
    name: 'Beyond the window',
    group: 'positions',
    scale: '5 consumers and a page are away for 250 messages; the room keeps 100.',
    isShort: true,
    async run(trial) {
      await trial.start({ rooms: { historyCount: 100 } });
      const crowd = await trial.crowd(5);
      const page = trial.libraryClient().start();
      const writer = trial.publisher();
      await writer.send(20);
      await trial.until(() => page.client.position(lobby)?.offset === 20, 'the page has 20 messages');
      await trial.until(() => crowd.every((consumer) => consumer.count() === 20), 'all have 20 messages');
      page.close();
      await Promise.all(crowd.map((consumer) => consumer.leave()));
      await writer.send(250);
      trial.healed();
      for (const consumer of crowd) consumer.start();
      page.client.connect();
      await Promise.all(crowd.map((consumer) => consumer.ready()));
      await writer.send(5);
      for (const consumer of crowd) {
        const back = consumer
          .record()
          .events.filter(({ kind }) => kind === 'subscribed')
          .at(-1);
        const isRight = back?.kind === 'subscribed' && !back.recovered && !back.reset && back.dropped === 150;
        trial.expect(isRight, `${consumer.person}: must be 150 dropped, not recovered; got ${JSON.stringify(back)}`);
      }
    },
  },
  {
    number: 11,
    name: 'Big catch-up',
    group: 'positions',
    scale: 'Consumers miss 301 and 5,000 messages; publishing continues while they catch up.',
    async run(trial) {
      const cluster = await trial.start({ rooms: { historyCount: 6000 } });
      const [few, many] = await trial.crowd(2);
      const page = trial.libraryClient().start();
      const writers = Array.from({ length: 16 }, () => trial.publisher({ bytes: 200 }));
      const sendAll = (count: number): Promise<unknown> => Promise.all(writers.map((writer) => writer.send(count)));
      await sendAll(1);
      await trial.until(() => page.client.position(lobby)?.offset === 16, 'the page has 16 messages');
      page.close();
      await many?.leave();
      await sendAll(294);
      await few?.leave();
      await sendAll(19);
      const before = await cluster.node(0).measure();
      for (const writer of writers) writer.start();
      trial.healed();
      few?.start();
      many?.start();
      page.client.connect();
      await trial.until(() => (many?.count() ?? 0) > 5000, 'the consumer has caught up');
      const after = await cluster.node(0).measure();
      // The connections are those of the consumers that returned.
      trial.violations.push(...judgeResources({ ...before, connections: after.connections }, after, 64));
      trial.notes.push(`resident memory ${before.residentMiB} to ${after.residentMiB} MiB`);
      await trial.complete();
      expectRecovered(trial);
    },
  },
  {
    number: 12,
    name: 'Quiet client',
    group: 'positions',
    scale: '5 clients are idle for 4 leases of 1 s, then lose their connection; nothing was published meanwhile.',
    async run(trial) {
      await trial.start({ rooms: { presenceLeaseMs: 1000, positionCheckMs: 300 } });
      const crowd = await trial.crowd(5);
      const writer = trial.publisher();
      await writer.send(10);
      await wait(4000);
      for (const consumer of crowd) consumer.drop(200);
      trial.healed();
      await wait(100);
      await Promise.all(crowd.map((consumer) => consumer.ready()));
      trial.expect(
        crowd.every((consumer) => consumer.count() === 10 && consumer.connects === 2),
        'a quiet client got messages again',
      );
      await writer.send(5);
      await trial.complete();
      expectRecovered(trial);
    },
  },
  {
    number: 13,
    name: 'Repeated recovery',
    group: 'positions',
    scale: '5 clients recover 5 times without new messages.',
    async run(trial) {
      const cluster = await trial.start();
      const writer = trial.publisher();
      await writer.send(30);
      const crowd = await trial.crowd(5, { route: cluster.spread() });
      await trial.until(() => crowd.every((consumer) => consumer.count() === 30), 'all have 30 messages');
      for (let round = 0; round < 5; round++) {
        for (const consumer of crowd) consumer.drop(0);
        await trial.until(() => crowd.every(({ connects }) => connects === round + 2), 'all are back');
        await Promise.all(crowd.map((consumer) => consumer.ready()));
      }
      trial.healed();
      trial.expect(
        crowd.every((consumer) => consumer.count() === 30),
        'a recovery repeated messages',
      );
      await writer.send(1);
      await trial.complete();
      expectRecovered(trial);
    },
  },
  {
    number: 14,
    name: 'Ephemeral mix',
    group: 'positions',
    scale: 'Signals without offsets every 5 ms between messages; 6 consumers lose their connection 4 times.',
    async run(trial) {
      const cluster = await trial.start();
      const crowd = await trial.crowd(6, { route: cluster.spread() });
      const writer = trial.publisher({ intervalMs: 10 }).start();
      const stop = trial.repeat(() => cluster.node(trial.integer(0, 1)).order({ order: 'signal', room: lobby }), 5);
      for (let round = 1; round <= 4; round++) {
        await writer.acknowledged(round * 20);
        for (const consumer of crowd) consumer.drop(trial.integer(20, 300));
        trial.healed();
      }
      await writer.acknowledged(110);
      await stop();
      trial.expect(
        crowd.every(({ others }) => others.some(({ type }) => type === 'signal')),
        'a consumer got no signal',
      );
      await trial.complete();
      expectRecovered(trial);
    },
  },
  {
    number: 56,
    name: 'Paging while trimming',
    group: 'positions',
    scale:
      'A room keeps 60 messages of 8 KB; consumers with 400 KB/s read it, and another one pages through its history, while 4 publishers trim it.',
    async run(trial) {
      const cluster = await trial.start({ proxies: true, rooms: { historyCount: 60, historyPageBytes: 32_768 } });
      const slow = cluster.node(0).proxy;
      slow.bytesPerSecond = 400_000;
      const crowd = await trial.crowd(4, { route: cluster.only(0), connection: { silenceMs: 15_000 } });
      const writers = Array.from({ length: 4 }, () =>
        trial.publisher({ bytes: 8000, intervalMs: 8, route: cluster.only(1) }),
      );
      for (const writer of writers) writer.start();
      for (let round = 0; round < 4; round++) {
        await wait(900);
        for (const consumer of crowd) consumer.drop(trial.integer(100, 400));
      }
      const gone = await pageBackwards(trial, cluster.node(1).url);
      const announced = crowd.flatMap((consumer) =>
        consumer
          .record()
          .events.filter((event) => event.kind === 'dropped' || (event.kind === 'subscribed' && event.dropped > 0)),
      );
      trial.expect(announced.length > 0, 'nothing was trimmed while the consumers read');
      trial.notes.push(`${announced.length} announcements of trimmed messages, ${gone} pages refused at the edge`);
      slow.heal();
      trial.healed();
      await writers[0]?.acknowledged((writers[0]?.acknowledgedCount ?? 0) + 10);
    },
  },
];

/**
 * Reads the history of the lobby backwards in small pages, 10 times. Each page must end directly before the message it was
 * requested for, without a hole, or be refused.
 *
 * @returns The number of refused pages.
 */
async function pageBackwards(trial: Trial, url: string): Promise<number> {
  const connection = await RoomConnection.open(addressOf(url, 'historian'));
  await connection.ask('subscribe', { room: lobby });
  let refused = 0;
  for (let round = 0; round < 10; round++) {
    let before: SeenPosition | undefined;
    for (;;) {
      const page = await connection.ask('history', { room: lobby, limit: 7, ...(before ? { before } : {}) });
      if (page.type === 'error') {
        trial.expect(page['code'] === 'ROOM_POSITION_GONE', `history was refused: ${JSON.stringify(page)}`);
        refused += 1;
        break;
      }
      const messages = page['messages'] as Readonly<Record<string, unknown>>[];
      const offsets = messages.map(({ offset }) => Number(offset));
      const end = before?.offset ?? (offsets.at(-1) ?? 0) + 1;
      const isRight = offsets.every((offset, index) => offset === end - offsets.length + index);
      trial.expect(isRight, `the page before ${before?.offset} has the offsets ${offsets.join(', ')}`);
      const [first] = messages;
      if (!first || !isRight || Number(first['offset']) <= Number(page['first'])) break;
      before = toPosition({ ...first, epoch: page['epoch'] });
      await wait(5);
    }
  }
  connection.drop();
  return refused;
}
