/**
 * The files of the version before the database in a data folder: chat.sqlite, and sessions.sqlite, or the sessions in chat.sqlite of the
 * version before that. After the import they are moved into a folder of their own, since a server of that version would continue with them.
 */
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileExists } from '../file-exists.ts';
import { StartError } from '../start-error.ts';
import { lockFolder } from '../store/folder-lock.ts';
import {
  importFormerData,
  type FormerData,
  type FormerPerson,
  type FormerRoom,
  type FormerSession,
  type ImportOptions,
} from './import-former.ts';

const chatFile = 'chat.sqlite';
const sessionsFile = 'sessions.sqlite';
/** Where the files are moved. */
export const movedFolder = 'before-database';
/** The newest version of chat.sqlite. */
const newestVersion = 4;
/** Rows of one part. */
const partSize = 500;
/** Last use of a session of which only the end is known: it lasted 30 days. */
const idleMs = 30 * 24 * 60 * 60 * 1000;

type Row = Readonly<Record<string, string | number | null>>;

/**
 * Imports the files of a folder if they are there, and moves them. A start after a crash repeats what is left.
 *
 * @throws {@link StartError} if they cannot be read or moved, or if a server of that version uses them.
 */
export async function importFormerFolder(folder: string, options: ImportOptions): Promise<void> {
  const path = join(folder, chatFile);
  if (await fileExists(path)) {
    const lock = lockFolder(folder, chatFile);
    try {
      const data = await FormerFolder.open(folder);
      try {
        await importFormerData(data, options);
      } finally {
        data.close();
      }
    } catch (error) {
      if (error instanceof StartError) throw error;
      throw new StartError(`The data of the version before in ${path} cannot be copied: ${(error as Error).message}.`, {
        cause: error,
      });
    } finally {
      lock.close();
    }
  }
  await moveFiles(folder);
}

async function moveFiles(folder: string): Promise<void> {
  const all = (await readdir(folder)).filter((name) => /^(?:chat|sessions)\.sqlite(?:-(?:wal|shm|lock))?$/.test(name));
  if (all.length === 0) return;
  try {
    const target = await newFolder(folder, all);
    // chat.sqlite last: while it is there, the next start repeats this.
    const order = all.toSorted((one, other) => Number(one.startsWith('chat')) - Number(other.startsWith('chat')));
    for (const name of order) await rename(join(folder, name), join(target, name));
  } catch (error) {
    throw new StartError(`The files of the version before in ${folder} cannot be moved: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

/** A folder that has none of these files. */
async function newFolder(folder: string, names: readonly string[]): Promise<string> {
  for (let count = 1; ; count++) {
    const target = join(folder, count === 1 ? movedFolder : `${movedFolder}-${count}`);
    await mkdir(target, { recursive: true, mode: 0o700 });
    const there = await readdir(target);
    if (!names.some((name) => there.includes(name))) return target;
  }
}

class FormerFolder implements FormerData {
  readonly #chat: DatabaseSync;
  readonly #sessions: DatabaseSync | undefined;

  private constructor(chat: DatabaseSync, sessions: DatabaseSync | undefined) {
    this.#chat = chat;
    this.#sessions = sessions;
  }

  static async open(folder: string): Promise<FormerFolder> {
    const chat = new DatabaseSync(join(folder, chatFile));
    const version = Number(chat.prepare('PRAGMA user_version').get()?.['user_version']);
    if (version < 1 || version > newestVersion) {
      chat.close();
      const what = version < 1 ? 'is not a file of the chat' : `was written by another version (schema ${version})`;
      throw new StartError(`${join(folder, chatFile)} ${what}; move it out of the data folder.`);
    }
    const path = join(folder, sessionsFile);
    return new FormerFolder(chat, (await fileExists(path)) ? new DatabaseSync(path) : undefined);
  }

  close(): void {
    this.#chat.close();
    this.#sessions?.close();
  }

  async rooms(): Promise<readonly FormerRoom[]> {
    const columns = this.#chat
      .prepare('PRAGMA table_info(room)')
      .all()
      .map((row) => row['name']);
    // Before version 4 no room was removed.
    const states = columns.includes('kept')
      ? 'kept, hidden'
      : 'EXISTS (SELECT 1 FROM member WHERE room_id = room.id AND person_id <> made_by) AS kept, 0 AS hidden';
    return this.#all(
      `SELECT id, name, name_key AS nameKey, made_by AS madeBy, made_at AS madeAt, ${states} FROM room`,
    ).map(
      ({ kept, hidden, ...room }) => ({ ...room, isKept: kept === 1, isHidden: hidden === 1 }) as unknown as FormerRoom,
    );
  }

  async *people(): AsyncGenerator<readonly FormerPerson[]> {
    const rooms = this.#chat.prepare('SELECT room_id AS id FROM member WHERE person_id = ?');
    const sql =
      'SELECT id, name, name_key AS nameKey, password_hash AS passwordHash, created_at AS createdAt FROM account';
    for (const part of partsOf(this.#chat, sql)) {
      yield part.map(
        (row) =>
          ({ ...row, rooms: rooms.all(row['id'] ?? null).map(({ id }) => String(id)) }) as unknown as FormerPerson,
      );
    }
  }

  async *sessions(): AsyncGenerator<readonly FormerSession[]> {
    for (const part of partsOf(this.#chat, 'SELECT id, person_id AS personId, expires_at AS expiresAt FROM session')) {
      yield part.map((row) => olderSession(String(row['id']), String(row['personId']), Number(row['expiresAt'])));
    }
    if (!this.#sessions) return;
    const values = this.#sessions.prepare('SELECT name, text FROM session_values WHERE session = ?');
    const sql = `SELECT key, id, person AS personId, created_at AS createdAt, seen_at AS seenAt, expires_at AS expiresAt
                 FROM sessions WHERE person IS NOT NULL`;
    for (const part of partsOf(this.#sessions, sql)) {
      yield part.map(({ key, ...row }) => {
        const texts = values.all(key ?? null).map(({ name, text }) => [String(name), String(text)] as const);
        return { ...row, values: new Map(texts) } as unknown as FormerSession;
      });
    }
  }

  #all(sql: string): Row[] {
    return this.#chat.prepare(sql).all() as Row[];
  }
}

/** A session of the version that stored sessions itself. It was written with its full time; its beginning is not known. */
export function olderSession(hash: string, personId: string, expiresAt: number): FormerSession {
  const seenAt = expiresAt - idleMs;
  // gale/sessions writes the same hash in hex.
  const id = Buffer.from(hash, 'base64url').toString('hex');
  return { id, personId, createdAt: seenAt, seenAt, expiresAt, values: new Map() };
}

function* partsOf(database: DatabaseSync, sql: string): Generator<readonly Row[]> {
  let part: Row[] = [];
  for (const row of database.prepare(sql).iterate()) {
    part.push(row as Row);
    if (part.length < partSize) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}
