/**
 * People who are members of many rooms open a window, one after the other; and people who are only in the lobby, as a comparison. CPU of
 * the server for each, from the connection to the welcome. Groups of both kinds take turns.
 */
import { readProcessCost } from '../process-cost.ts';
import { ChatConnection, inTurn, windowSetting } from './chat-connection.ts';
import { roomId } from './seed.ts';
import { fail, type Target, type Values } from './target.ts';

/** The first half of the people are members of all rooms, the other half of none. */
export interface WelcomeSettings {
  readonly people: number;
  readonly rooms: number;
  /** Windows of each kind. */
  readonly windows: number;
}

/** Windows of one kind in a turn. */
const together = 50;
/** Turns before the measurement. */
const warmTurns = 2;

/** Measures welcomes. */
export async function measureWelcome({ port, pid }: Target, settings: WelcomeSettings): Promise<Values> {
  const { people, rooms, windows } = settings;
  const setting = windowSetting({ port, onFailure: fail, onMessage() {} });
  await fillRooms(new ChatConnection(setting, 0), rooms);
  const half = Math.floor(people / 2);
  const cpu = { many: 0, lobby: 0 };
  const counts = { many: 0, lobby: 0 };
  const turns = Math.ceil(windows / together);
  for (let turn = -warmTurns; turn < turns; turn += 1) {
    for (const [kind, first, expected] of [
      ['many', 0, rooms + 1],
      ['lobby', half, 1],
    ] as const) {
      const group = Array.from({ length: together }, (_, index) => {
        return new ChatConnection(setting, first + ((Math.max(0, turn) * together + index) % half));
      });
      const before = readProcessCost(pid).cpuMicroseconds;
      await inTurn(
        group,
        async (window) => {
          const own = (await window.open()).rooms.filter(({ member }) => member).length;
          if (own !== expected) throw new Error(`A welcome has ${own} rooms; expected ${expected}.`);
        },
        4,
      );
      if (turn >= 0) {
        cpu[kind] += readProcessCost(pid).cpuMicroseconds - before;
        counts[kind] += together;
      }
      for (const window of group) window.reset();
    }
  }
  return { many: cpu.many / 1000 / counts.many, lobby: cpu.lobby / 1000 / counts.lobby };
}

/** Each room has a message. */
async function fillRooms(window: ChatConnection, rooms: number): Promise<void> {
  await window.open();
  const numbers = Array.from({ length: rooms }, (_, room) => room);
  await inTurn(numbers, (room) => window.call('publish', { room: roomId(room), id: 'first', data: { text: '开始' } }));
  window.reset();
}
