/**
 * Removes deleted rooms: the stream, then the rows in small steps. It begins at once after a deletion, and again at a timer, so a
 * deletion that a crash interrupted is finished. It runs on every server; each step is safe when several servers do it at the same time.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger, Rooms } from 'gale';
import type { ChatDatabase } from '../database/database.ts';
import { RoomChanges } from './room-changes.ts';

/** Time between two looks for interrupted deletions, in milliseconds. */
const betweenMs = 60_000;
/** Rooms that are read at once. */
const maxAtOnce = 10;

export class DeletedRooms {
  readonly #changes: RoomChanges;
  readonly #rooms: Rooms;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;
  #isAskedAgain = false;
  #isClosed = false;

  constructor(database: ChatDatabase, rooms: Rooms, log: Logger) {
    this.#changes = new RoomChanges(database);
    this.#rooms = rooms;
    this.#log = log;
    this.#timer = setInterval(() => this.removeSoon(), betweenMs).unref();
    this.removeSoon();
  }

  /** Removes all deleted rooms. Returns at once. */
  removeSoon(): void {
    this.#isAskedAgain = true;
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
  }

  /** Resolves when nothing is being removed. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /** Stops after the current step; the next start continues. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      while (this.#isAskedAgain && !this.#isClosed) {
        this.#isAskedAgain = false;
        const rooms = await this.#changes.deleted(maxAtOnce);
        for (const room of rooms) await this.#remove(room);
        if (rooms.length === maxAtOnce) this.#isAskedAgain = true;
      }
    } catch (error) {
      if (!this.#isClosed)
        this.#log.warn({ err: error }, 'A deleted room could not be removed; the removal is retried later');
    }
  }

  async #remove(room: string): Promise<void> {
    await this.#rooms.broker.remove(room);
    while (!this.#isClosed) {
      if (await this.#changes.removeSome(room)) {
        this.#log.info({ room }, 'A deleted room was removed');
        return;
      }
      await nextTurn();
    }
  }
}
