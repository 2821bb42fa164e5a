/**
 * The current turn of the event loop. Whoever queues something joins it, and is told once when the turn ends,
 * so that all that was queued for one socket leaves in one write. One per thread; it has no timer while nobody joined.
 */
import { FrameSequence } from './frame-sequence.ts';

/** Somebody with something queued. */
export interface TurnMember {
  /** Called when the turn ends, once for each time it joined. Must not throw. */
  onTurnEnd(): void;
}

/** Collects members until the sockets of this turn have been read, then tells all of them. */
export class Turn {
  #members: TurnMember[] = [];
  #root: FrameSequence = new FrameSequence();

  /**
   * Joins the turn.
   *
   * @returns The empty sequence, where the queues of this turn begin.
   */
  join(member: TurnMember): FrameSequence {
    // The check phase follows the phase that reads sockets: what several peers sent at once is answered at once.
    if (this.#members.push(member) === 1) setImmediate(endTurn, this);
    return this.#root;
  }

  /** Ends the turn; who joins from now on, even while members are told, is in the next. */
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
