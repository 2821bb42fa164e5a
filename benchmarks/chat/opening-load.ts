/**
 * Opens a room with a long history again and again, with the newest page, and reads pages in the middle and at the beginning; and the same
 * with a room of few messages. The kinds take turns. The time of an opening lasts from the commands until both replies have arrived.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { historyPageCount, type HistoryCommands } from '../../chat/wire.ts';
import { readProcessCost } from '../process-cost.ts';
import { ChatConnection, windowSetting } from './chat-connection.ts';
import { roomId } from './seed.ts';
import { fail, quantileOf, type Target, type Values } from './target.ts';
import { textAt } from './texts.ts';

/** The rooms 0 and 1, with their number of messages in the history. */
export interface OpeningSettings {
  readonly messages: number;
  readonly fewMessages: number;
  readonly turns: number;
}

/** Messages that the stream has too. */
export const streamCount = 100;
/** Turns before the measurement. */
const warmTurns = 20;

/** Measures openings. */
export async function measureOpening({ port, pid }: Target, settings: OpeningSettings): Promise<Values> {
  const window = new ChatConnection(windowSetting({ port, onFailure: fail, onMessage() {} }), 0);
  await window.open();
  const [long, short] = [roomId(0), roomId(1)];
  await fillStream(window, long, settings.messages);
  await fillStream(window, short, settings.fewMessages);
  const middle = Math.floor(settings.messages / 2);
  const pages: Readonly<Record<string, () => Promise<Page>>> = {
    newest: () => open(window, long, {}),
    middle: () => open(window, long, { around: middle }),
    oldest: () => open(window, long, { around: 1 }),
    before: () => read(window, long, { before: middle }),
    short: () => open(window, short, {}),
  };
  const times = new Map(Object.keys(pages).map((name): [string, number[]] => [name, []]));
  let cpuBefore = 0;
  for (let turn = -warmTurns; turn < settings.turns; turn += 1) {
    if (turn === 0) cpuBefore = readProcessCost(pid).cpuMicroseconds;
    for (const [name, run] of Object.entries(pages)) {
      const from = performance.now();
      const { messages } = await run();
      const took = performance.now() - from;
      if (messages.length !== historyPageCount) throw new Error(`A page has ${messages.length} messages.`);
      if (turn >= 0) times.get(name)?.push(took);
      await window.call('unsubscribe', { room: long });
      await window.call('unsubscribe', { room: short });
    }
  }
  const cpu = readProcessCost(pid).cpuMicroseconds - cpuBefore;
  const values: Record<string, number> = { cpuMs: cpu / 1000 / settings.turns / Object.keys(pages).length };
  for (const [name, taken] of times) {
    values[`${name}P50`] = quantileOf(taken, 0.5);
    values[`${name}P99`] = quantileOf(taken, 0.99);
  }
  return values;
}

type Page = HistoryCommands['read-history']['reply'];

/** As the page does: both commands at once. */
async function open(window: ChatConnection, room: string, at: { readonly around?: number }): Promise<Page> {
  const [, page] = await Promise.all([window.call('subscribe', { room }), read(window, room, at)]);
  return page;
}

async function read(
  window: ChatConnection,
  room: string,
  at: { readonly around?: number; readonly before?: number },
): Promise<Page> {
  return (await window.call('read-history', { room, ...at })) as unknown as Page;
}

/** Publishes the newest messages, and waits until the history has them. */
async function fillStream(window: ChatConnection, room: string, stored: number): Promise<void> {
  for (let number = 0; number < streamCount; number += 1) {
    await window.call('publish', { room, id: `m${number}`, data: { text: textAt(number) } });
  }
  while ((await read(window, room, {})).top < stored + streamCount) await delay(50);
}
