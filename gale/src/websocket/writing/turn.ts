/**
 * The current turn of the event loop. A writer with a queue joins it and is called once when the turn ends, so that everything
 * queued for one socket is written at once. There is one for each thread; it has no timer while nobody has joined.
 */
import { FrameSequence } from './frame-sequence.ts';

/** A writer with a queue. */
export interface TurnMember {
  /** Called when the turn ends, once for each time it joined. Must not throw. */
  onTurnEnd(): void;
}

/** Collects members until the sockets of this turn have been read, then calls all of them. */
export class Turn {
  #members: TurnMember[] = [];
  #root: FrameSequence = new FrameSequence();

  /**
   * Joins the turn.
   *
   * @returns The empty sequence, the start of each queue of this turn.
   */
  join(member: TurnMember): FrameSequence {
    // The check phase follows the phase that reads sockets, so the responses to all reads of a turn are written together.
    if (this.#members.push(member) === 1) setImmediate(endTurn, this);
    return this.#root;
  }

  /** Ends the turn. A member that joins during the calls is in the next turn. */
  end(): void {
    const members = this.#members;
    const root = this.#root;
    this.#members = [];
    this.#root = new FrameSequence();
    for (const member of members) member.onTurnEnd();
    root.release();
  }
}

/** The turn of this thread's event loop. */
export const currentTurn: Turn = new Turn();

function endTurn(turn: Turn): void {
  turn.end();
}
