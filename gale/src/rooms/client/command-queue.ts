/**
 * Commands other than publishes, on their way to the server: sends them in order, a few at a time, and sends again what was
 * refused because it came too fast. After the first such refusal one command at a time is sent, until nothing waits any more.
 */
import { retryWait } from '../../run/backoff.ts';
import { RoomError } from '../room-error.ts';
import type { ServerFrame } from '../wire.ts';
import type { Waiter } from './connection.ts';

/** Commands that may be unanswered at once, so that few are refused together. */
const maxUnanswered = 20;

/** How the queue reaches the rest of the client. */
export interface CommandQueueOptions {
  readonly maxWaitingCommands: number;
  readonly random: () => number;
  /** Sends a command; the waiter is notified once, of the connection's end too. */
  readonly send: (type: string, fields: object, waiter: Waiter) => void;
}

interface Command {
  /** Place in the original order. */
  readonly number: number;
  readonly type: string;
  readonly fields: object;
  readonly waiter: Waiter;
  readonly isWanted: () => boolean;
}

/** The commands of one connection. */
export class CommandQueue {
  readonly #options: CommandQueueOptions;
  /** What waits to be sent, in the original order. */
  #waiting: Command[] = [];
  #lastNumber = 0;
  #unanswered = 0;
  /** A command was refused, and not all that waited since then are answered. */
  #isSlow = false;
  /** Refusals in a row of commands that were sent alone. */
  #repeats = 0;
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(options: CommandQueueOptions) {
    this.#options = options;
  }

  /**
   * Sends a command as soon as its turn comes.
   *
   * @param isWanted - Asked when it is about to be sent; if it is not wanted any more it is dropped without a notification.
   */
  add(type: string, fields: object, waiter: Waiter, isWanted: () => boolean): void {
    const { maxWaitingCommands } = this.#options;
    if (this.#waiting.length >= maxWaitingCommands) {
      const message = `${maxWaitingCommands} commands wait to be sent (maxWaitingCommands); send ${type} later.`;
      waiter.onError(new RoomError('ROOM_TOO_FAST', message, { retry: true }));
      return;
    }
    this.#waiting.push({ number: ++this.#lastNumber, type, fields, waiter, isWanted });
    this.#sendNext();
  }

  /** The connection ended: what waits is dropped with this error. */
  end(error: RoomError): void {
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.#isSlow = false;
    this.#repeats = 0;
    for (const { waiter } of this.#waiting.splice(0)) waiter.onError(error);
  }

  #sendNext(): void {
    while (
      this.#pause === undefined &&
      this.#waiting.length > 0 &&
      this.#unanswered < (this.#isSlow ? 1 : maxUnanswered)
    ) {
      const command = this.#waiting.shift() as Command;
      if (command.isWanted()) this.#send(command);
    }
    if (this.#waiting.length === 0 && this.#unanswered === 0) this.#isSlow = false;
  }

  #send(command: Command): void {
    const isAlone = this.#isSlow;
    this.#unanswered++;
    this.#options.send(command.type, command.fields, {
      onReply: (reply: ServerFrame) => {
        this.#onAnswer();
        command.waiter.onReply(reply);
        this.#sendNext();
      },
      onError: (error) => {
        if (error.code === 'ROOM_TOO_FAST' && error.retry) {
          this.#onTooFast(command, error, isAlone);
          return;
        }
        this.#onAnswer();
        command.waiter.onError(error);
        this.#sendNext();
      },
    });
  }

  #onAnswer(): void {
    this.#unanswered--;
    this.#repeats = 0;
  }

  #onTooFast(command: Command, error: RoomError, wasAlone: boolean): void {
    this.#unanswered--;
    this.#isSlow = true;
    const later = this.#waiting.findIndex(({ number }) => number > command.number);
    this.#waiting.splice(later < 0 ? this.#waiting.length : later, 0, command);
    // Those that were on their way together are refused together: one pause is for all of them.
    this.#pause ??= setTimeout(
      () => {
        this.#pause = undefined;
        this.#sendNext();
      },
      retryWait(error.retryAfterMs, wasAlone ? ++this.#repeats : 0, this.#options.random),
    );
  }
}
