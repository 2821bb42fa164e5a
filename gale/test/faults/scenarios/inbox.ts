/** Scenarios 49 to 52 and 54: what a person finds after an absence, on several devices, and what a banned person does not get. */
import { setTimeout as wait } from 'node:timers/promises';
import { judgeInbox } from '../measured-limits.ts';
import { toPosition } from '../publisher.ts';
import type { SeenPosition } from '../history.ts';
import { RoomConnection } from '../room-connection.ts';
import type { Frame } from '../room-connection.ts';
import { addressOf } from '../route.ts';
import type { Scenario } from '../scenario.ts';
import { lobby } from '../trial.ts';
import type { Trial } from '../trial.ts';
import { crashRedis } from './redis.ts';

/** The messages after a person's cursor, as a device without a position gets them. */
interface Inbox {
  readonly connection: RoomConnection;
  readonly received: readonly Frame[];
  readonly dropped: number;
}

/** Subscribes on a new connection, again until the server accepts both: its store may have restarted just now. */
async function subscribe(
  url: string,
  person: string,
  after: SeenPosition | undefined,
  onFrame: (frame: Frame) => void,
): Promise<{ readonly connection: RoomConnection; readonly reply: Frame }> {
  for (let attempt = 1; ; attempt++) {
    const connection = await RoomConnection.open(addressOf(url, person), { onFrame }).catch(() => undefined);
    const reply = await connection
      ?.ask('subscribe', { room: lobby, ...(after ? { after } : {}) })
      .catch(() => undefined);
    if (connection && reply?.type === 'reply') return { connection, reply };
    connection?.drop();
    if (attempt > 100) throw new Error(`${person} cannot subscribe: ${JSON.stringify(reply)}`);
    await wait(100);
  }
}

/** The stored cursor of a person. */
async function readCursor(url: string, person: string): Promise<SeenPosition> {
  const { connection, reply } = await subscribe(url, person, undefined, () => {});
  connection.drop();
  const { cursor, epoch } = reply;
  return cursor ? toPosition(cursor as Readonly<Record<string, unknown>>) : { epoch: String(epoch), offset: 0 };
}

/** Opens a device and waits until it has all messages after the cursor. */
async function openInbox(trial: Trial, url: string, person: string): Promise<Inbox> {
  const after = await readCursor(url, person);
  const received: Frame[] = [];
  const { connection, reply } = await subscribe(url, person, after, (frame) => {
    if (frame.type === 'message') received.push(frame);
  });
  const dropped = Number(reply['dropped']);
  const expected = Number(reply['top']) - after.offset - dropped;
  await trial.until(() => received.length >= expected, `the inbox has ${expected} messages`);
  return { connection, received, dropped };
}

/** Moves the cursor of a person to a message. */
function read(connection: RoomConnection, message: Frame | undefined): Promise<Frame> {
  return connection.ask('read', { room: lobby, ...toPosition(message ?? {}) });
}

const ids = (frames: readonly Frame[]): string[] => frames.map(({ id }) => String(id));

export const inboxScenarios: readonly Scenario[] = [
  {
    number: 49,
    name: 'Inbox overflow',
    group: 'inbox',
    scale: '250 messages while a person is away; the room keeps 100. All servers restart meanwhile.',
    async run(trial) {
      const cluster = await trial.start({ rooms: { historyCount: 100 } });
      const writer = trial.publisher();
      await writer.send(10);
      const before = await openInbox(trial, cluster.node(0).url, 'ada');
      await read(before.connection, before.received.at(-1));
      before.connection.drop();
      await writer.send(120);
      await Promise.all(cluster.nodes.map((node) => node.kill()));
      await crashRedis(trial, 100);
      await Promise.all(cluster.nodes.map((node) => node.start()));
      await writer.send(130);
      const { connection, received, dropped } = await openInbox(trial, cluster.node(1).url, 'ada');
      connection.drop();
      const stored = writer.records.slice(10).map(({ id }) => id);
      trial.violations.push(...judgeInbox({ stored, kept: 100, received: ids(received), dropped }));
    },
  },
  {
    number: 50,
    name: 'Crash between delivery and read',
    group: 'inbox',
    scale:
      'A device loses its connection, its node or Redis before it reads, after it reads, and with the reply to its read lost.',
    async run(trial) {
      const cluster = await trial.start({ proxies: true });
      const writer = trial.publisher({ route: () => cluster.node(1).url });
      const sent: string[] = [];
      const more = async (): Promise<void> => void sent.push(...(await writer.send(20)).map(({ id }) => id));
      const check = async (unread: readonly string[]): Promise<Inbox> => {
        const inbox = await openInbox(trial, cluster.node(1).url, 'ada');
        const record = { stored: unread, kept: 20_000, received: ids(inbox.received), dropped: inbox.dropped };
        trial.violations.push(...judgeInbox(record));
        return inbox;
      };
      await more();
      const first = await openInbox(trial, cluster.node(0).proxied, 'ada');
      await cluster.node(0).kill();
      first.connection.drop();
      const second = await check(sent);
      await crashRedis(trial, 100);
      second.connection.drop();
      const third = await check(sent);
      await read(third.connection, third.received[9]);
      await crashRedis(trial, 100);
      third.connection.drop();
      const fourth = await check(sent.slice(10));
      fourth.connection.drop();
      await cluster.node(0).start();
      await more();
      const fifth = await openInbox(trial, cluster.node(0).proxied, 'ada');
      cluster.node(0).proxy.hold(['toClient']);
      read(fifth.connection, fifth.received.at(-1)).catch(() => {});
      await trial.until(
        async () => (await readCursor(cluster.node(1).url, 'ada')).offset === 40,
        'the cursor moves though the reply is lost',
      );
      cluster.node(0).proxy.cut();
      cluster.node(0).proxy.heal();
      await more();
      (await check(sent.slice(40))).connection.drop();
    },
  },
  {
    number: 51,
    name: 'Sign-in race',
    group: 'inbox',
    scale: '25 people with a stored cursor return one after the other while 3 publishers write without a pause.',
    async run(trial) {
      const cluster = await trial.start();
      const writers = [0, 1, 2].map(() => trial.publisher({ intervalMs: 1 }).start());
      await writers[0]?.acknowledged(10);
      for (let index = 0; index < 25; index++) {
        const person = `returning${index}`;
        const node = cluster.node(index % 2);
        const before = await openInbox(trial, node.url, person);
        await read(before.connection, before.received[trial.integer(0, 9)]);
        before.connection.drop();
        const cursor = await readCursor(node.url, person);
        trial.consumer({ person, after: new Map([[lobby, cursor]]), route: cluster.stay(index + 1) }).start();
      }
      await Promise.all(trial.consumers.map((consumer) => consumer.ready()));
    },
  },
  {
    number: 52,
    name: 'Two devices',
    group: 'inbox',
    scale: '5 people with 2 devices each; one device reads everything while the other is offline.',
    async run(trial) {
      const cluster = await trial.start();
      const people = Array.from({ length: 5 }, (_, index) => `person${index}`);
      const phones = people.map((person) => trial.consumer({ person, route: cluster.stay(0) }).start());
      const desks = people.map((person) => trial.consumer({ person, route: cluster.stay(1) }).start());
      await Promise.all([...phones, ...desks].map((consumer) => consumer.ready()));
      const writer = trial.publisher();
      await writer.send(20);
      await trial.until(() => phones.every((phone) => phone.count() === 20), 'the phones have 20 messages');
      await Promise.all(phones.map((phone) => phone.leave()));
      await writer.send(30);
      await trial.until(() => desks.every((desk) => desk.count() === 50), 'the other devices have 50 messages');
      for (const desk of desks) {
        const reply = await desk.connection?.ask('read', { room: lobby, ...desk.positions.get(lobby) });
        trial.expect(reply?.type === 'reply', `read was refused: ${JSON.stringify(reply)}`);
      }
      trial.healed();
      for (const phone of phones) phone.start();
      await Promise.all(phones.map((phone) => phone.ready()));
      await writer.send(5);
      await trial.until(() => phones.every((phone) => phone.count() === 55), 'the phones have all messages');
    },
  },
  {
    number: 54,
    name: 'Ban during a stream',
    group: 'sessions',
    scale:
      '3 of 8 people are banned on both nodes during a stream and try to resume. Tokens that expire and are renewed in the connection are not part of Gale.',
    async run(trial) {
      const cluster = await trial.start();
      const crowd = await trial.crowd(8, { route: cluster.spread() });
      const writer = trial.publisher({ intervalMs: 5 }).start();
      await writer.acknowledged(40);
      const banned = crowd.slice(0, 3);
      for (const { person } of banned) {
        await Promise.all(cluster.nodes.map((node) => node.order({ order: 'ban', person })));
      }
      const bannedAt = performance.now();
      await wait(1500);
      await writer.acknowledged(writer.acknowledgedCount + 40);
      for (const consumer of banned) {
        trial.expect(consumer.closeCodes[0] === 4401, `must close with 4401; got ${consumer.closeCodes}`);
        trial.expect(consumer.connection === undefined, `${consumer.person} is connected again`);
        const late = consumer.record().events.filter(({ kind, at }) => kind === 'message' && at > bannedAt + 200);
        trial.expect(late.length === 0, `${consumer.person} got ${late.length} messages after the ban`);
        await consumer.quit();
      }
      trial.healed();
      await writer.acknowledged(writer.acknowledgedCount + 10);
      trial.expect(
        crowd.slice(3).every(({ connects }) => connects === 1),
        'another connection ended',
      );
    },
  },
];
