/** The parts of the benchmark of the chat: what each measures, in which units, and its goals. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SeededFolder, type ChatStart } from './chat-server.ts';
import { roomOf, type CrowdSettings } from './crowd-load.ts';
import { firstLoadValues } from './first-load.ts';
import { streamCount, type OpeningSettings } from './opening-load.ts';
import { roomId } from './seed.ts';
import type { Values } from './target.ts';
import type { WelcomeSettings } from './welcome-load.ts';
import { warmPeople, type WindowSettings } from './window-load.ts';

/** One figure of a part: a value of its measurements. */
export interface Figure {
  readonly value: string;
  readonly title: string;
  readonly digits: number;
  /** The greatest value that is intended. */
  readonly goal?: number;
}

/** A part. */
export interface Part {
  readonly name: string;
  readonly title: string;
  readonly figures: readonly Figure[];
  /** Measures once, with a new server. @param profile - Folder for CPU profiles; empty for none. */
  measure(profile: string): Promise<Values>;
  /** Removes its temporary files. */
  close(): Promise<void>;
}

/** Sizes of all parts. */
export interface Sizes {
  readonly crowd: CrowdSettings;
  readonly opening: OpeningSettings;
  readonly welcome: WelcomeSettings;
  readonly window: WindowSettings;
}

/** The parts without a browser. */
export function partsOf({ crowd, opening, welcome, window }: Sizes): Part[] {
  return [
    loadPart({
      name: 'crowd',
      title: `${count(crowd.people)} people connected in ${crowd.rooms} rooms and the lobby, ${crowd.messagesPerSecond} messages per second, ${crowd.watching} % of the people look at their room`,
      figures: [
        { value: 'p50', title: 'from send to seen, p50 ms', digits: 1 },
        { value: 'p99', title: 'from send to seen, p99 ms', digits: 1, goal: 150 },
        { value: 'max', title: 'from send to seen, longest ms', digits: 0 },
        { value: 'serverShare', title: "server's core, %", digits: 0 },
        { value: 'loadShare', title: "load's core, %", digits: 0 },
        { value: 'cpuMsPerMessage', title: 'CPU ms per message', digits: 2 },
        { value: 'connectMs', title: 'CPU ms to open a window in two rooms', digits: 2 },
        { value: 'residentMb', title: 'MB resident', digits: 0 },
      ],
      folder: new SeededFolder({
        people: crowd.people,
        rooms: crowd.rooms,
        membersOf: (room) => numbersTo(crowd.people).filter((person) => roomOf(person, crowd.rooms) === room),
      }),
      settings: crowd,
    }),
    loadPart({
      name: 'opening',
      title: `opening a room of ${count(opening.messages + streamCount)} messages: subscribe and read-history, from the commands to both replies`,
      figures: [
        ...(
          [
            ['newest', 'the newest page', 50],
            ['middle', 'a page in the middle', 50],
            ['oldest', 'the oldest page', 50],
            ['before', 'the page before, in the middle, without subscribe', 50],
            ['short', `a room of ${count(opening.fewMessages + streamCount)} messages`, undefined],
          ] as const
        ).flatMap(([name, title, goal]): Figure[] => [
          { value: `${name}P50`, title: `${title}, p50 ms`, digits: 1 },
          { value: `${name}P99`, title: `${title}, p99 ms`, digits: 1, ...(goal === undefined ? {} : { goal }) },
        ]),
        { value: 'cpuMs', title: 'CPU ms each, with unsubscribe', digits: 2 },
      ],
      folder: new SeededFolder({
        people: 1000,
        rooms: 2,
        membersOf: () => numbersTo(1000),
        messages: new Map([
          [roomId(0), opening.messages],
          [roomId(1), opening.fewMessages],
        ]),
      }),
      settings: opening,
      start: { manyCommands: true },
    }),
    loadPart({
      name: 'welcome',
      title: 'a new window until its welcome',
      figures: [
        { value: 'many', title: `CPU ms, member of ${count(welcome.rooms)} rooms`, digits: 2, goal: 5 },
        { value: 'lobby', title: 'CPU ms, only in the lobby', digits: 2 },
      ],
      folder: new SeededFolder({
        people: welcome.people,
        rooms: welcome.rooms,
        membersOf: () => numbersTo(Math.floor(welcome.people / 2)),
      }),
      settings: welcome,
      start: { manyCommands: true },
    }),
    windowPart('window', 'a window subscribed to the empty lobby', { ...window, messages: 0 }),
    windowPart('window-full', `the same with ${window.messages} messages in the lobby`, window),
    {
      name: 'first-load',
      title: 'scripts and styles of the chat page, compressed with Brotli',
      figures: [
        { value: 'kilobytes', title: 'KB', digits: 1, goal: 60 },
        { value: 'files', title: 'files', digits: 0 },
      ],
      measure: firstLoadValues,
      close: async () => {},
    },
  ];
}

function windowPart(name: string, title: string, settings: WindowSettings): Part {
  const goals = settings.messages === 0 ? [{ goal: 8 }, { goal: 0.25 }] : [{}, {}];
  return loadPart({
    name,
    load: 'window',
    title: `${title}, ${count(settings.people)} people`,
    figures: [
      { value: 'residentKb', title: 'KB resident each', digits: 1, ...goals[0] },
      { value: 'cpuMs', title: 'CPU ms to open', digits: 2, ...goals[1] },
    ],
    folder: new SeededFolder({ people: warmPeople + settings.people, rooms: 0, membersOf: () => [] }),
    settings,
    start: { manyCommands: true },
  });
}

interface LoadPart extends Omit<Part, 'measure' | 'close'> {
  /** Name of the load, if it is not that of the part. */
  readonly load?: string;
  readonly folder: SeededFolder;
  readonly settings: object;
  readonly start?: ChatStart;
}

/** A part with a server on the first core and a load on the second. */
function loadPart({ load, folder, settings, start, ...part }: LoadPart): Part {
  return {
    ...part,
    measure: async (profile) => {
      const server = await folder.start({ ...start, profile });
      try {
        const path = fileURLToPath(new URL('load.ts', import.meta.url));
        const words = [load ?? part.name, String(server.port), String(server.pid), JSON.stringify(settings)];
        const program = [process.execPath, '--conditions=gale-source', path, ...words];
        const { stdout } = await promisify(execFile)('taskset', ['--cpu-list', '1', ...program]);
        return JSON.parse(stdout) as Values;
      } finally {
        await server.stop();
      }
    },
    close: () => folder.remove(),
  };
}

function numbersTo(end: number): number[] {
  return Array.from({ length: end }, (_, number) => number);
}

function count(value: number): string {
  return value.toLocaleString('en');
}
