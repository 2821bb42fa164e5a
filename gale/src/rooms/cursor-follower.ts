/**
 * Moves the cursors of people to their own messages if they had read everything before. While a cursor is being moved, further
 * messages of its person collect, so that many publishes cost one look at the cursor.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Position } from './stream.ts';

/** Most collected runs of messages of one person in one room. Of more, the oldest do not move the cursor. */
const maxRuns = 1000;

/** Reads and moves cursors. */
export interface FollowedCursors {
  /** The cursor as it was last seen here; undefined if that is unknown. */
  last(room: string, person: string): { readonly cursor: Position | undefined } | undefined;
  read(room: string, person: string): Promise<Position | undefined>;
  move(room: string, person: string, to: Position): Promise<unknown>;
}

/** Own messages in a row, of one life: no message of another person is between them. */
interface Run {
  readonly epoch: string;
  readonly life: string | undefined;
  readonly first: number;
  last: number;
}

interface Following {
  readonly done: Promise<void>;
  runs: Run[];
}

/** The cursors that follow own messages now. */
export class CursorFollower {
  readonly #cursors: FollowedCursors;
  readonly #onFailure: (error: unknown, room: string) => void;
  readonly #following = new Map<string, Following>();

  constructor(cursors: FollowedCursors, onFailure: (error: unknown, room: string) => void) {
    this.#cursors = cursors;
    this.#onFailure = onFailure;
  }

  /** Notes an own message. Starts at once in the background. */
  follow(room: string, person: string, { epoch, offset, life }: Position): void {
    const key = keyOf(room, person);
    const following = this.#following.get(key);
    if (!following) {
      const done = Promise.withResolvers<void>();
      this.#following.set(key, { done: done.promise, runs: [] });
      void this.#start(room, person, { epoch, life, first: offset, last: offset }).then(done.resolve);
      return;
    }
    const newest = following.runs.at(-1);
    if (newest?.epoch === epoch && newest.life === life && newest.last === offset - 1) newest.last = offset;
    else if (following.runs.push({ epoch, life, first: offset, last: offset }) > maxRuns) following.runs.shift();
  }

  /** Settles when the cursor of a person has followed all messages so far; undefined if it has. */
  followed(room: string, person: string): Promise<void> | undefined {
    return this.#following.get(keyOf(room, person))?.done;
  }

  /** Settles when no move is under way. */
  async settled(): Promise<void> {
    while (this.#following.size > 0) await Promise.all([...this.#following.values()].map(({ done }) => done));
  }

  /** Never rejects. */
  async #start(room: string, person: string, run: Run): Promise<void> {
    const key = keyOf(room, person);
    for (let runs = [run]; runs.length > 0; runs = this.#take(key)) {
      await this.#follow(room, person, runs).catch((error: unknown) => this.#onFailure(error, room));
      // The publishes of this turn collect.
      if (this.#isCollecting(key)) await nextTurn();
    }
    this.#following.delete(key);
  }

  #isCollecting(key: string): boolean {
    return (this.#following.get(key)?.runs.length ?? 0) > 0;
  }

  #take(key: string): Run[] {
    const following = this.#following.get(key);
    const runs = following?.runs ?? [];
    if (following) following.runs = [];
    return runs;
  }

  async #follow(room: string, person: string, runs: readonly Run[]): Promise<void> {
    const known = this.#cursors.last(room, person);
    let to = known && endOfRun(runs, known.cursor);
    // Another server may have moved the cursor, so the last one seen can prove that it follows, not that it does not.
    if (!to && !(known && runs.every((run) => isPast(run, known.cursor)))) {
      to = endOfRun(runs, await this.#cursors.read(room, person));
    }
    if (to) await this.#cursors.move(room, person, to);
  }
}

function keyOf(room: string, person: string): string {
  return `${room}\n${person}`;
}

/** Where a cursor moves: to the end of the run that begins right after it, or in which it is. */
function endOfRun(runs: readonly Run[], cursor: Position | undefined): Position | undefined {
  const run = runs.find(({ epoch, first, last }) => {
    const offset = offsetIn(epoch, cursor);
    return first - 1 <= offset && offset < last;
  });
  return run && { epoch: run.epoch, offset: run.last, life: run.life };
}

function isPast({ epoch, last }: Run, cursor: Position | undefined): boolean {
  return offsetIn(epoch, cursor) >= last;
}

function offsetIn(epoch: string, cursor: Position | undefined): number {
  return cursor?.epoch === epoch ? cursor.offset : 0;
}
