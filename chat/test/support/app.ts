/**
 * Runs the chat in the process of the test, with real files and a real port. Password hashes are cheap, and the page needs no
 * build. To run a server in its own process, see chat-server.ts.
 */
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SqliteBroker, type Logger } from 'gale';
import type { Broker } from 'gale/rooms';
import { createChat, type ChatDependencies } from '../../app.ts';
import { openSqlite, type ChatDatabase } from '../../database/database.ts';
import { MemoryAttempts } from '../../store/memory-attempts.ts';
import { createStore, type ChatStore } from '../../store/store.ts';
import { temporaryFolder, Visitor } from './chat-server.ts';

/** A running chat. */
export interface ServedChat {
  readonly url: string;
  readonly database: ChatDatabase;
  readonly store: ChatStore;
  readonly broker: Broker;
  /** Creates a visitor without cookies. */
  visitor(): Visitor;
  /** Creates a visitor and registers them. */
  person(name: string): Promise<Visitor>;
  /** Stops the chat before the end of the test. The parts that were passed stay open. */
  stop(): Promise<void>;
}

/** Parts that replace those of a new chat. */
export type ServedParts = Partial<Omit<ChatDependencies, 'store'> & { readonly store: Partial<ChatStore> }> & {
  /** Whether the end of the chat closes the given database. */
  readonly closesDatabase?: boolean;
};

/** Starts a new chat. A logged warning or error fails the test, except for refused requests. */
export async function serveChat(
  t: TestContext,
  { closesDatabase = false, ...more }: ServedParts = {},
): Promise<ServedChat> {
  const folder = await temporaryFolder(t);
  const database = more.database ?? (await openSqlite(join(folder, 'database.sqlite')));
  const store = { ...createStore(database, new MemoryAttempts()), ...more.store };
  const broker = more.broker ?? (await SqliteBroker.open({ path: join(folder, 'rooms.sqlite') }));
  const problems: string[] = [];
  const chat = await createChat({
    cookieSecret: 'only the tests know this secret, and it is long',
    log: createCollectingLogger(problems),
    distPath: fileURLToPath(new URL('../fixtures/built', import.meta.url)),
    hashCost: { memoryKib: 64, passes: 1, lanes: 1 },
    rooms: { presenceGraceMs: 0 },
    registration: 'open',
    ...more,
    database,
    store,
    broker,
  });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= chat.close());
  t.after(async () => {
    await stop();
    if (more.broker === undefined) await broker.close();
    if (more.database === undefined || closesDatabase) await database.close();
    if (problems.length > 0) throw new Error(`The chat logged a warning or an error: ${problems.join('\n')}`);
  });
  const { port } = await chat.listen(0, '127.0.0.1');
  const url = `http://127.0.0.1:${port}`;
  const visitor = (): Visitor => new Visitor(t, url);
  return {
    url,
    database,
    store,
    broker,
    visitor,
    stop,
    person: async (name) => {
      const person = visitor();
      await person.register(name);
      return person;
    },
  };
}

/** What the copy of the history logs when a test ends its store. */
const lostStore: ReadonlySet<string> = new Set([
  'A consumer could not read; retrying',
  'Could not renew the claim of a consumer; retrying',
  'Could not release a consumer; its claim will expire',
  'Messages could not be copied into the history; they wait in their rooms',
  'Regular work on the history failed; it is repeated later',
]);

function createCollectingLogger(problems: string[]): Logger {
  const collect = (fields: object, message: string): void => {
    if (lostStore.has(message)) return;
    if ('status' in fields && Number(fields.status) < 500) return;
    problems.push(
      `${message} ${JSON.stringify(fields, (_, value: unknown) => (value instanceof Error ? value.stack : value))}`,
    );
  };
  return { debug() {}, info() {}, warn: collect, error: collect };
}
