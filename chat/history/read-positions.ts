/**
 * How far each person has read each room, one number for all devices. Other windows get a new number at once; the table gets it in one batch
 * each second. A crash loses the last second: then some messages are unread again.
 */
import { sql } from 'kysely';
import type { Logger } from 'gale';
import type { ChatDatabase } from '../database/database.ts';
import { isUnavailable } from '../store/unavailable.ts';
import { lobbyId, type SeenFrame } from '../wire.ts';
import { readEnds } from './history-pages.ts';
import { RecentChecks } from './recent-checks.ts';

/** Interval of writes, in milliseconds. */
const writeMs = 1000;
/** Positions in one statement. */
const rowsAtOnce = 1000;
/** Most positions that wait while the database is lost; the oldest are dropped. About 200 bytes each. */
const maxWaiting = 100_000;

/** A position of one person in one room. */
export interface ReadPosition {
  readonly room: string;
  readonly seq: number;
}

/** A position that is not in the table yet. */
interface WaitingPosition extends ReadPosition {
  readonly personId: string;
  /** Whether it was set by hand, so that it may move back. */
  readonly isExact: boolean;
}

/** What {@link ReadPositions} need. */
export interface ReadPositionsOptions {
  /** Sends a new position to the windows of a person. */
  readonly notify: (personId: string, frame: SeenFrame) => void;
  readonly log: Logger;
}

export class ReadPositions {
  /** People who may report what they have seen. Without a membership, the table ignores a report. */
  readonly checks: RecentChecks = new RecentChecks();
  readonly #database: ChatDatabase;
  readonly #options: ReadPositionsOptions;
  readonly #timer: NodeJS.Timeout;
  #waiting = new Map<string, WaitingPosition>();
  /** Those of the write that runs. */
  #writing = new Map<string, WaitingPosition>();
  #written: Promise<void> | undefined;
  #hasFailed = false;

  constructor(database: ChatDatabase, options: ReadPositionsOptions) {
    this.#database = database;
    this.#options = options;
    this.#timer = setInterval(() => void this.write(), writeMs).unref();
  }

  /** The person has seen a message and all before it. A position never moves back by this. */
  see(personId: string, { room, seq }: ReadPosition): void {
    const known = this.#find(personId, room);
    if (known && known.seq >= seq) return;
    this.#add({ personId, room, seq, isExact: known?.isExact === true && this.#waiting.has(keyOf(personId, room)) });
    this.#options.notify(personId, { type: 'seen', room, seq });
  }

  /** The person wants these positions, which may be before the current ones. Expired messages stay read. */
  async set(personId: string, positions: readonly ReadPosition[]): Promise<void> {
    const rooms = positions.map(({ room }) => room);
    const ends = await readEnds(this.#database, rooms);
    for (const { room, seq: wanted } of positions) {
      const seq = Math.max(wanted, (ends.get(room)?.first ?? 1) - 1);
      this.#add({ personId, room, seq, isExact: true });
      this.#options.notify(personId, { type: 'seen', room, seq, exact: true });
    }
  }

  /** The position now. @param stored - What the table has. */
  current(personId: string, room: string, stored: number): number {
    // A welcome asks for all rooms of a person.
    if (this.#waiting.size + this.#writing.size === 0) return stored;
    const known = this.#find(personId, room);
    if (!known) return stored;
    return known.isExact ? known.seq : Math.max(stored, known.seq);
  }

  /** Writes what waits. A timer calls it. Never rejects. */
  write(): Promise<void> {
    this.#written ??= this.#write().finally(() => (this.#written = undefined));
    return this.#written;
  }

  /** Writes everything, and stops. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#written;
    await this.write();
  }

  #find(personId: string, room: string): WaitingPosition | undefined {
    const key = keyOf(personId, room);
    return this.#waiting.get(key) ?? this.#writing.get(key);
  }

  #add(position: WaitingPosition): void {
    const key = keyOf(position.personId, position.room);
    this.#waiting.delete(key);
    this.#waiting.set(key, position);
    const [oldest] = this.#waiting.size > maxWaiting ? this.#waiting.keys() : [];
    if (oldest !== undefined) this.#waiting.delete(oldest);
  }

  async #write(): Promise<void> {
    if (this.#waiting.size === 0) return;
    this.#writing = this.#waiting;
    this.#waiting = new Map();
    try {
      await writePositions(this.#database, [...this.#writing.values()]);
      this.#hasFailed = false;
    } catch (error) {
      // Newer ones replace those that failed.
      this.#waiting = mergePositions(this.#writing, this.#waiting);
      if (!this.#hasFailed || !isUnavailable(error)) {
        this.#options.log.warn({ err: error }, 'Read positions could not be written; they are written later');
      }
      this.#hasFailed = true;
    }
    this.#writing = new Map();
  }
}

function keyOf(personId: string, room: string): string {
  return `${personId}\n${room}`;
}

function mergePositions(
  older: ReadonlyMap<string, WaitingPosition>,
  newer: ReadonlyMap<string, WaitingPosition>,
): Map<string, WaitingPosition> {
  const merged = new Map(older);
  for (const [key, position] of newer) {
    merged.set(key, { ...position, isExact: position.isExact || older.get(key)?.isExact === true });
  }
  return merged;
}

/** Positions in rooms of which the person is not a member have no effect. */
async function writePositions(database: ChatDatabase, positions: readonly WaitingPosition[]): Promise<void> {
  for (let at = 0; at < positions.length; at += rowsAtOnce) {
    const some = positions.slice(at, at + rowsAtOnce);
    const toValues = (rows: readonly WaitingPosition[]) =>
      sql.join(rows.map(({ personId, room, seq, isExact }) => sql`(${personId}, ${room}, ${seq}, ${isExact ? 1 : 0})`));
    await sql`
      UPDATE member SET read_seq = CAST(v.column3 AS bigint)
      FROM (VALUES ${toValues(some)}) AS v
      WHERE member.person_id = v.column1 AND member.room_id = v.column2
        AND (CAST(v.column4 AS bigint) = 1 OR member.read_seq < CAST(v.column3 AS bigint))`.execute(database.tables);
    // Members of the lobby have no row before their first position.
    const inLobby = some.filter(({ room }) => room === lobbyId);
    if (inLobby.length === 0) continue;
    await sql`
      INSERT INTO member (room_id, person_id, joined_at, read_seq)
      SELECT v.column2, person.id, person.created_at, CAST(v.column3 AS bigint)
      FROM (VALUES ${toValues(inLobby)}) AS v JOIN person ON person.id = v.column1
      WHERE person.role <> 'guest'
      ON CONFLICT DO NOTHING`.execute(database.tables);
  }
}
