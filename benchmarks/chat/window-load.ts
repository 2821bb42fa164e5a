/** Different people open a window and subscribe to the lobby: CPU of the server for each, and resident memory that each adds. */
import { lobbyId } from '../../chat/wire.ts';
import { readProcessCost } from '../process-cost.ts';
import { readRestingCost } from '../window.ts';
import { ChatConnection, inTurn, windowSetting } from './chat-connection.ts';
import { fail, type Target, type Values } from './target.ts';
import { textAt } from './texts.ts';

/** The windows. */
export interface WindowSettings {
  readonly people: number;
  /** Messages in the stream of the lobby, which each window gets. */
  readonly messages: number;
}

/** People who first come and leave, as warm-up. */
export const warmPeople = 500;

/** Measures windows. */
export async function measureWindows({ port, pid }: Target, { people, messages }: WindowSettings): Promise<Values> {
  const setting = windowSetting({ port, onFailure: fail, onMessage() {} });
  const windowsFrom = (first: number, count: number): ChatConnection[] =>
    Array.from({ length: count }, (_, index) => new ChatConnection(setting, first + index));
  const warm = windowsFrom(0, warmPeople);
  await inTurn(warm, open);
  for (let number = 0; number < messages; number += 1) {
    await warm[0]!.call('publish', { room: lobbyId, id: `m${number}`, data: { text: textAt(number) } });
  }
  for (const window of warm) window.reset();
  const before = await readRestingCost(pid);
  await inTurn(windowsFrom(warmPeople, people), open);
  const opened = readProcessCost(pid);
  const after = await readRestingCost(pid);
  return {
    residentKb: (after.residentBytes - before.residentBytes) / 1000 / people,
    cpuMs: (opened.cpuMicroseconds - before.cpuMicroseconds) / 1000 / people,
  };
}

async function open(window: ChatConnection): Promise<void> {
  await window.open();
  await window.call('subscribe', { room: lobbyId });
}
