/** Plants a violation of each invariant in a history that holds, and checks that the checker finds it and nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from './checker.ts';
import type { Permissions } from './checker.ts';
import { History } from './history.ts';
import type { ConsumerEvent, ConsumerRecord, PublishRecord, StreamRecord } from './history.ts';
import { judgeInbox, judgeLatency, judgePresence, judgeResources } from './measured-limits.ts';

type Message = Extract<ConsumerEvent, { kind: 'message' }>;

const message = (offset: number, id: string = `m${offset}`, epoch = 'e'): Message => {
  return { kind: 'message', at: offset, epoch, offset, id, author: 'ada' };
};

const subscribed = (after: number | undefined, changes: object = {}): ConsumerEvent => ({
  kind: 'subscribed',
  at: 0,
  after: after === undefined ? undefined : { epoch: 'e', offset: after },
  epoch: 'e',
  top: 5,
  first: 1,
  recovered: true,
  reset: false,
  dropped: 0,
  ...changes,
});

const streamOf = (ids: readonly string[], epoch = 'e', first = 1): StreamRecord => ({
  room: 'lobby',
  epoch,
  first,
  top: first + ids.length - 1,
  entries: ids.map((id, index) => ({ offset: first + index, id, author: 'ada' })),
});

const times = (ms: number): number[] => Array.from({ length: 100 }, () => ms);

interface Planted {
  readonly history: History;
  readonly consumer: ConsumerRecord;
  readonly publishes: PublishRecord[];
}

/** Five acknowledged messages that one consumer got. */
function plant(
  events: readonly ConsumerEvent[] = [
    subscribed(undefined, { top: 0 }),
    ...[1, 2, 3, 4, 5].map((offset) => message(offset)),
  ],
): Planted {
  const history = new History();
  const publishes = [1, 2, 3, 4, 5].map((offset) => {
    const publish = history.publish('ada', 'lobby', `m${offset}`);
    publish.outcome = 'acknowledged';
    publish.replies.push({ epoch: 'e', offset });
    publish.settledAt = performance.now();
    return publish;
  });
  const consumer = history.consumer('ben', 'lobby', 'wire');
  consumer.events.push(...events);
  history.streams.push(streamOf(['m1', 'm2', 'm3', 'm4', 'm5']));
  return { history, consumer, publishes };
}

/** The invariants that a history breaks, each once. */
function broken(history: History, permissions?: Permissions): string[] {
  return [...new Set(judge(history, permissions).violations.map(({ invariant }) => invariant))].toSorted();
}

test('accepts a history in which everything arrived', () => {
  const { violations, ...counts } = judge(plant().history);
  assert.deepEqual(violations, []);
  assert.deepEqual(counts, { sent: 5, acknowledged: 5, delivered: 5, repeated: 0, lost: 0, announced: 0 });
});

test('accepts a resume after a lost connection, a message of unknown outcome and a second reply with the same position', () => {
  const { history, publishes } = plant([
    subscribed(undefined, { top: 2 }),
    message(1),
    message(2),
    { kind: 'lost', at: 0, code: 1006 },
    subscribed(2),
    message(3),
    message(4),
    message(5),
  ]);
  history.publish('ada', 'lobby', 'nobody knows');
  publishes[0]?.replies.push({ epoch: 'e', offset: 1 });
  assert.deepEqual(broken(history), []);
});

test('accepts trimmed messages that were announced, and counts them', () => {
  const { history } = plant([
    subscribed(0, { first: 3, recovered: false, dropped: 2 }),
    message(3),
    message(4),
    message(5),
  ]);
  history.streams[0] = streamOf(['m3', 'm4', 'm5'], 'e', 3);
  const { violations, lost, announced } = judge(history);
  assert.deepEqual(violations, []);
  assert.deepEqual([lost, announced], [2, 2]);
});

test('accepts a lost stream only if the scenario permits it and every consumer was notified', () => {
  const lostStream = (events: readonly ConsumerEvent[]): History => {
    const { history } = plant([
      subscribed(undefined, { top: 0 }),
      ...[1, 2, 3, 4, 5].map((offset) => message(offset)),
      ...events,
    ]);
    history.streams[0] = streamOf(['m1', 'm2'], 'f');
    return history;
  };
  const reset: ConsumerEvent = { kind: 'reset', at: 9, epoch: 'f', first: 1 };
  const announcedLoss = lostStream([reset, message(1, 'm1', 'f'), message(2, 'm2', 'f')]);
  assert.deepEqual(broken(announcedLoss, { storeMayLose: true }), []);
  const { lost, announced } = judge(announcedLoss, { storeMayLose: true });
  assert.deepEqual([lost, announced], [3, 3]);
  assert.deepEqual(broken(announcedLoss), ['I1']);
  assert.deepEqual(broken(lostStream([]), { storeMayLose: true }), ['I1', 'I4']);
});

test('I1: finds an acknowledged message that the stream does not have', () => {
  const { history } = plant([subscribed(undefined, { top: 0 }), ...[1, 2, 3, 4].map((offset) => message(offset))]);
  history.streams[0] = streamOf(['m1', 'm2', 'm3', 'm4']);
  assert.deepEqual(broken(history), ['I1', 'I4']);
  assert.equal(judge(history).lost, 1);
});

test('I1: finds a consumer that did not get the newest message', () => {
  const { history } = plant([subscribed(undefined, { top: 0 }), ...[1, 2, 3, 4].map((offset) => message(offset))]);
  assert.deepEqual(broken(history), ['I1', 'I4']);
  const { consumer } = plant();
  consumer.isExpected = false;
  const left = plant([subscribed(undefined, { top: 0 }), message(1)]);
  left.consumer.isExpected = false;
  assert.deepEqual(broken(left.history), [], 'a consumer that left needs nothing');
});

test('I2: finds a repeated offset, a repeated id, and one offset with two messages', () => {
  const events = [1, 2, 3, 4, 5].map((offset) => message(offset));
  assert.deepEqual(broken(plant([subscribed(undefined), ...events.toSpliced(3, 0, message(3))]).history), ['I2']);
  const { history } = plant([subscribed(undefined), ...events]);
  history.consumer('eve', 'lobby', 'wire').events.push(subscribed(undefined), ...events.with(4, message(5, 'another')));
  assert.ok(broken(history).includes('I2'));
  const again = plant([subscribed(undefined), ...events, message(6, 'm2')]);
  again.history.streams[0] = streamOf(['m1', 'm2', 'm3', 'm4', 'm5', 'm2']);
  assert.deepEqual(broken(again.history), ['I2', 'I3']);
});

test('I2: finds messages of one publisher in another order', () => {
  const { history, publishes } = plant();
  const [first, second] = publishes;
  first?.replies.splice(0, 1, { epoch: 'e', offset: 2 });
  second?.replies.splice(0, 1, { epoch: 'e', offset: 1 });
  assert.ok(broken(history).includes('I2'));
});

test('I2: finds entries of a stream that do not fit its bounds', () => {
  const { history } = plant();
  const [stream] = history.streams;
  history.streams[0] = { ...(stream as StreamRecord), entries: (stream as StreamRecord).entries.toSpliced(2, 1) };
  assert.ok(broken(history).includes('I2'));
});

test('I3: finds an id that is stored twice, and two replies with different positions', () => {
  const { history, publishes } = plant();
  publishes[1]?.replies.push({ epoch: 'e', offset: 7 });
  assert.deepEqual(broken(history), ['I3']);
  const twice = plant([subscribed(undefined), ...[1, 2, 3, 4, 5].map((offset) => message(offset)), message(6, 'm1')]);
  twice.history.streams[0] = streamOf(['m1', 'm2', 'm3', 'm4', 'm5', 'm1']);
  assert.ok(broken(twice.history).includes('I3'));
});

test('I4: finds a hole, another epoch without a reset, and a reply that hides a hole', () => {
  const events = [1, 2, 4, 5].map((offset) => message(offset));
  assert.deepEqual(broken(plant([subscribed(undefined, { top: 0 }), ...events]).history), ['I1', 'I4']);
  const other = plant([subscribed(undefined, { top: 0 }), message(1), message(1, 'm1', 'f')]);
  assert.ok(broken(other.history).includes('I4'));
  const hidden = plant([subscribed(0, { first: 3, dropped: 2, recovered: true }), message(3), message(4), message(5)]);
  hidden.history.streams[0] = streamOf(['m3', 'm4', 'm5'], 'e', 3);
  assert.deepEqual(broken(hidden.history), ['I4']);
});

test('I4: finds a position ahead of the stream that was accepted', () => {
  const { history } = plant([subscribed(9, { top: 5 })]);
  assert.ok(broken(history).includes('I4'));
});

test('I5: finds a wrong count of dropped messages, and a wrong inbox', () => {
  const { history } = plant([
    subscribed(0, { first: 3, recovered: false, dropped: 1 }),
    message(3),
    message(4),
    message(5),
  ]);
  history.streams[0] = streamOf(['m3', 'm4', 'm5'], 'e', 3);
  assert.ok(broken(history).includes('I5'));
  const stored = ['a', 'b', 'c', 'd'];
  assert.deepEqual(judgeInbox({ stored, kept: 2, received: ['c', 'd'], dropped: 2 }), []);
  assert.equal(judgeInbox({ stored, kept: 2, received: ['d', 'c'], dropped: 2 }).length, 1);
  assert.equal(judgeInbox({ stored, kept: 2, received: ['c', 'd'], dropped: 1 }).length, 1);
});

test('I6: finds a person who is shown but not there', () => {
  assert.deepEqual(judgePresence(['ben', 'ada'], ['ada', 'ben']), []);
  assert.equal(judgePresence(['ada', 'ben'], ['ada']).length, 1);
});

test('I7: finds connections, keys and memory that stay', () => {
  const before = { connections: 1, residentMiB: 80, keys: 4 };
  assert.deepEqual(judgeResources(before, { connections: 1, residentMiB: 99, keys: 4 }, 20), []);
  assert.equal(judgeResources(before, { connections: 2, residentMiB: 101, keys: 5 }, 20).length, 3);
});

test('I8: finds healthy clients that became slow', () => {
  assert.deepEqual(judgeLatency(times(80), times(150)), []);
  assert.deepEqual(judgeLatency(times(5), times(90)), [], 'below 100 ms is never slow');
  assert.equal(judgeLatency(times(80), times(170)).length, 1);
});

test('a client of the library is judged by its events: replies do not move its view', () => {
  const { history } = plant();
  const page = history.consumer('page', 'lobby', 'library');
  page.events.push(
    subscribed(undefined),
    message(1),
    message(2),
    subscribed(undefined),
    message(3),
    message(4),
    message(5),
  );
  assert.deepEqual(broken(history), []);
  page.events.push(message(5));
  assert.deepEqual(broken(history), ['I2']);
});
