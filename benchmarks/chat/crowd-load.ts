/**
 * Many people are connected, each subscribed to the lobby and to one room, and some messages per second are sent, at fixed times, by
 * different people. Those who look at their room report how far they have read, as the page does: at once, then at most twice a second.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { lobbyId, type WireRoom } from '../../chat/wire.ts';
import { Latency } from '../latency.ts';
import { readProcessCost } from '../process-cost.ts';
import { ChatConnection, inTurn, windowSetting } from './chat-connection.ts';
import { roomId } from './seed.ts';
import { fail, type Target, type Values } from './target.ts';
import { textAt } from './texts.ts';

/** Size of the crowd. */
export interface CrowdSettings {
  readonly people: number;
  readonly rooms: number;
  readonly messagesPerSecond: number;
  readonly seconds: number;
  /** Percentage of the people who look at their room. */
  readonly watching: number;
}

const warmSeconds = 3;
/** Pause between two reports of one window; as in the page. */
const reportPauseMs = 500;
/** How long after the last message all must have arrived, in milliseconds. */
const arrivalMs = 30_000;

/** The room of a person. */
export function roomOf(person: number, rooms: number): number {
  return person % rooms;
}

/** Measures a crowd. The delay of a message counts for each person who receives it, from the time when it was due. */
export async function measureCrowd({ port, pid }: Target, settings: CrowdSettings): Promise<Values> {
  const { people, rooms, messagesPerSecond, seconds, watching } = settings;
  const sent = (warmSeconds + seconds) * messagesPerSecond;
  const dueAt = new Float64Array(sent);
  const latency = new Latency();
  /** Deliveries. */
  const count = { expected: 0, arrived: 0 };
  let isMeasured = false;
  const membersOf = Array.from({ length: rooms }, () => 0);
  for (let person = 0; person < people; person += 1) membersOf[roomOf(person, rooms)]! += 1;

  const reports = new Map<ChatConnection, ReadReport>();
  const setting = windowSetting({
    port,
    onFailure: fail,
    onMessage(window, input, from) {
      const number = numberIn(input, from);
      count.arrived += 1;
      if (isMeasured && number >= warmSeconds * messagesPerSecond) {
        latency.record(performance.now() - dueAt[number]!, 1);
      }
      reports.get(window)?.see(offsetIn(input, from));
    },
  });
  const windows = Array.from({ length: people }, (_, person) => new ChatConnection(setting, person));
  const connectedFrom = readProcessCost(pid);
  await inTurn(windows, async (window) => {
    await window.open();
    const room = roomOf(window.person, rooms);
    await window.call('subscribe', { room: lobbyId });
    await window.call('subscribe', { room: roomId(room) });
    const isWatching = Math.floor(window.person / rooms) % 100 < watching;
    if (isWatching) reports.set(window, new ReadReport(window, roomId(room)));
  });
  const connectMs = (readProcessCost(pid).cpuMicroseconds - connectedFrom.cpuMicroseconds) / 1000 / people;
  await delay(2000);

  const startedAt = performance.now();
  let before = readProcessCost(pid);
  let ownBefore = process.cpuUsage();
  for (let number = 0; number < sent;) {
    const due = startedAt + (number * 1000) / messagesPerSecond;
    if (performance.now() < due) {
      await delay(Math.max(1, due - performance.now()));
      continue;
    }
    if (number === warmSeconds * messagesPerSecond) {
      isMeasured = true;
      before = readProcessCost(pid);
      ownBefore = process.cpuUsage();
    }
    dueAt[number] = due;
    const author = windows[(number * 7) % people]!;
    const room = roomOf(author.person, rooms);
    count.expected += membersOf[room]!;
    author.send('publish', { room: roomId(room), id: `m${number}`, data: { text: textAt(number) } });
    number += 1;
  }
  const [after, own] = [readProcessCost(pid), process.cpuUsage(ownBefore)];
  for (const until = performance.now() + arrivalMs; count.arrived < count.expected; await delay(20)) {
    if (performance.now() <= until) continue;
    throw new Error(`${count.expected - count.arrived} of ${count.expected} deliveries are missing.`);
  }
  if (count.arrived > count.expected) throw new Error('A message was received twice.');
  const cpuSeconds = (after.cpuMicroseconds - before.cpuMicroseconds) / 1e6;
  await assertCounts(port, windows, settings, new Set(reports.keys()));
  return {
    p50: latency.at(0.5),
    p99: latency.at(0.99),
    max: latency.at(1),
    serverShare: (cpuSeconds / seconds) * 100,
    loadShare: ((own.user + own.system) / 1e6 / seconds) * 100,
    cpuMsPerMessage: (cpuSeconds * 1000) / (seconds * messagesPerSecond),
    connectMs,
    residentMb: after.residentBytes / 1e6,
  };
}

/** A person who looks at the room. */
class ReadReport {
  readonly #window: ChatConnection;
  readonly #room: string;
  #seq = 0;
  #reported = 0;
  #isPausing = false;

  constructor(window: ChatConnection, room: string) {
    this.#window = window;
    this.#room = room;
  }

  /** @param offset - Of a message. In a new room the `seq` of a message is its offset. */
  see(offset: number): void {
    this.#seq = Math.max(this.#seq, offset);
    if (!this.#isPausing) this.#report();
  }

  #report(): void {
    this.#isPausing = this.#seq > this.#reported;
    if (!this.#isPausing) return;
    this.#reported = this.#seq;
    this.#window.send('seen', { room: this.#room, seq: this.#seq });
    setTimeout(() => this.#report(), reportPauseMs);
  }
}

/** Asserts the unread counts in new windows of some people: those who look have read all, the others have some unread. */
async function assertCounts(
  port: number,
  windows: readonly ChatConnection[],
  { rooms }: CrowdSettings,
  watching: ReadonlySet<ChatConnection>,
): Promise<void> {
  // The last report of a window may wait for its pause.
  await delay(reportPauseMs * 2);
  const setting = windowSetting({ port: port, onFailure: fail, onMessage() {} });
  const some = [...windows.slice(0, 5), ...windows.slice(-5)];
  for (const window of some) {
    const again = new ChatConnection(setting, window.person);
    const welcome = await again.open();
    again.reset();
    const id = roomId(roomOf(window.person, rooms));
    const room = welcome.rooms.find((each) => each.id === id);
    const unread = unreadIn(room);
    if (watching.has(window) ? unread !== 0 : unread === 0 && (room?.topSeq ?? 0) > 1) {
      throw new Error(`Person ${window.person} has ${unread} of ${room?.topSeq} messages unread.`);
    }
  }
}

function unreadIn(room: Pick<WireRoom, 'topSeq' | 'readSeq'> | undefined): number {
  return (room?.topSeq ?? Number.NaN) - (room?.readSeq ?? 0);
}

const idField = Buffer.from('"id":"m');
const offsetField = Buffer.from('"offset":');

/** The number of a message, which is in its id. */
function numberIn(input: Buffer, from: number): number {
  return integerAt(input, input.indexOf(idField, from) + idField.length);
}

function offsetIn(input: Buffer, from: number): number {
  return integerAt(input, input.indexOf(offsetField, from) + offsetField.length);
}

function integerAt(input: Buffer, from: number): number {
  let value = 0;
  for (let at = from; input[at]! >= 0x30 && input[at]! <= 0x39; at += 1) value = value * 10 + input[at]! - 0x30;
  return value;
}
