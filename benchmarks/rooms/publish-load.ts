/**
 * The load of publishes, a separate process: `node publish-load.ts PORT PID JSON`, where JSON is a {@link PublishWork}.
 * Some connections publish in one room; others are subscribed to it. It prints one line of JSON, a {@link RoomFigures}. A refused
 * publish, a reply or message out of order, or a message that is missing at the end, ends it with exit code 1.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Latency } from '../latency.ts';
import { readProcessCost } from '../process-cost.ts';
import type { PublishWork, RoomFigures } from './room-figures.ts';
import { sharedBuffer } from './load-socket.ts';
import { RoomClient, type RoomSetting } from './room-client.ts';
import { firstNumber, roomDialectNamed } from './room-dialect.ts';

const room = 'hall';
const warmMilliseconds = 1000;
/** Publishes whose times are remembered, for each connection. */
const ring = 4096;

const [portWord = '', pidWord = '', json = '{}'] = process.argv.slice(2);
const work = JSON.parse(json) as PublishWork;
const pid = Number(pidWord);
process.on('uncaughtException', fail);
setTimeout(() => fail(new Error('The load did not end within 120 s.')), 120_000).unref();

const setting: RoomSetting = {
  port: Number(portWord),
  dialect: roomDialectNamed(work.dialect),
  text: 'x'.repeat(work.textBytes),
  received: sharedBuffer(),
  onFailure: fail,
};
const delivered = new Latency();
let isRunning = false;
/** During the warm-up a server may be late: what it misses is not sent later. */
let isWarm = false;
const sentAt = Array.from({ length: work.publishers }, () => new Float64Array(ring));
const publishers = sentAt.map((times, index) => {
  const person = `p${String(index).padStart(3, '0')}`;
  return new RoomClient(setting, person, { onRead: (client) => work.perSecond === 0 && refill(client, times) });
});
const subscribers = Array.from({ length: work.subscribers }, (_, index) => {
  return new RoomClient(setting, `s${String(index).padStart(5, '0')}`, index === 0 ? { onMessage: check } : {});
});
/** Number of the next message of each publisher, at the first subscriber. */
const next = publishers.map(() => 0);
const marker = Buffer.from('"id":"p');

for (let at = 0; at < subscribers.length; at += 50) {
  await Promise.all(
    subscribers.slice(at, at + 50).map(async (subscriber) => {
      await subscriber.open();
      await subscriber.subscribe(room);
    }),
  );
}
await Promise.all(publishers.map((publisher) => publisher.open()));
for (const publisher of publishers) publisher.prepare(room);
isRunning = true;
const pacing = work.perSecond > 0 ? setInterval(pace(), 1) : undefined;
if (pacing === undefined) publishers.forEach((publisher, index) => refill(publisher, sentAt[index]!));
console.log(JSON.stringify(await measure()));
process.exit(0);

async function measure(): Promise<RoomFigures> {
  await delay(warmMilliseconds);
  isWarm = true;
  delivered.clear();
  const startedAt = performance.now();
  const [ownBefore, before, countBefore] = [process.cpuUsage(), readProcessCost(pid), acknowledged()];
  await delay(work.seconds * 1000);
  const [own, after, count] = [process.cpuUsage(ownBefore), readProcessCost(pid), acknowledged() - countBefore];
  const elapsed = (performance.now() - startedAt) / 1000;
  isRunning = false;
  clearInterval(pacing);
  const figures = {
    perSecond: count / elapsed,
    cpuMicroseconds: (after.cpuMicroseconds - before.cpuMicroseconds) / count,
    p50Milliseconds: delivered.at(0.5),
    p99Milliseconds: delivered.at(0.99),
    serverShare: (after.cpuMicroseconds - before.cpuMicroseconds) / 1e6 / elapsed,
    loadShare: (own.user + own.system) / 1e6 / elapsed,
  };
  for (const latest = performance.now() + 20_000; !isComplete(); await delay(20)) {
    if (performance.now() > latest) fail(new Error('Some messages did not arrive.'));
  }
  return figures;
}

function isComplete(): boolean {
  const sent = sum(publishers.map((publisher) => publisher.sent));
  return (
    publishers.every((publisher) => publisher.acknowledged === publisher.sent) &&
    subscribers.every((subscriber) => subscriber.messages === sent)
  );
}

function acknowledged(): number {
  return sum(publishers.map((publisher) => publisher.acknowledged));
}

function refill(client: RoomClient, times: Float64Array): void {
  const count = work.inFlight - (client.sent - client.acknowledged);
  if (count <= 0 || !isRunning) return;
  const now = performance.now();
  for (let index = 0; index < count; index += 1) times[(client.sent + index) % ring] = now;
  client.send(count);
}

/** Sends what is due, in turn over all publishers. A publish counts from the time at which it was due. */
function pace(): () => void {
  let startedAt = performance.now();
  let sent = 0;
  return () => {
    const now = performance.now();
    const late = acknowledgedLate();
    if (!isWarm && late) {
      startedAt = now;
      sent = 0;
      return;
    }
    const due = Math.floor(((now - startedAt) / 1000) * work.perSecond);
    const counts = publishers.map(() => 0);
    for (; sent < due; sent += 1) {
      const index = sent % publishers.length;
      const publisher = publishers[index]!;
      sentAt[index]![(publisher.sent + counts[index]!) % ring] = startedAt + (sent / work.perSecond) * 1000;
      counts[index]! += 1;
      if (publisher.sent + counts[index]! - publisher.acknowledged > ring) fail(new Error('The server is too slow.'));
    }
    for (const [index, count] of counts.entries()) if (count > 0) publishers[index]!.send(count);
  };
}

/** Whether as many publishes are in flight as without pacing. */
function acknowledgedLate(): boolean {
  return publishers.some((publisher) => publisher.sent - publisher.acknowledged >= work.inFlight);
}

function check(input: Buffer, from: number): void {
  const at = input.indexOf(marker, from) + marker.length;
  const index = Number(input.toString('latin1', at, at + 3));
  const number = Number(input.toString('latin1', at + 4, at + 13)) - firstNumber;
  if (number !== next[index]) throw new Error(`Expected message ${next[index]} of publisher ${index}; got ${number}.`);
  next[index] = number + 1;
  delivered.record(performance.now() - sentAt[index]![number % ring]!, 1);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

function fail(error: Error): never {
  console.error(error.message);
  process.exit(1);
}
