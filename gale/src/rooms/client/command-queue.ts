/**
 * The queue of commands other than publishes. It sends them in order, 20 at a time, and retries a command that was refused
 * with `ROOM_TOO_FAST`. After such a refusal it sends one command at a time until the queue is empty.
 */
import { retryWait } from '../../run/backoff.ts';
import { RoomError } from '../room-error.ts';
import type { Waiter } from './connection.ts';

/** Most commands without a response at one time. A low number, because they can be refused together. */
const maxPending = 20;

/** How the queue reaches the rest of the client. */
export interface CommandQueueOptions {
  readonly maxWaitingCommands: number;
  readonly random: () => number;
  /** Sends a command; the waiter is notified once, also if the connection ends. */
  readonly send: (type: string, fields: object, waiter: Waiter) => void;
}

interface Command {
  /** Position in the original order. */
  readonly number: number;
  readonly type: string;
  readonly fields: object;
  readonly waiter: Waiter;
  readonly isWanted: () => boolean;
}

/** The commands of one connection. */
export class CommandQueue {
  readonly #options: CommandQueueOptions;
  /** Commands to send, in the original order. */
  #waiting: Command[] = [];
  #lastNumber = 0;
  #pending = 0;
  /** A command was refused since the queue was last empty. */
  #isSlow = false;
  /** Consecutive refusals of commands that were sent alone. */
  #repeats = 0;
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(options: CommandQueueOptions) {
    this.#options = options;
  }

  /**
   * Sends a command when its turn comes.
   *
   * @param isWanted - Called before each attempt. If it returns false, the command is dropped without a notification.
   */
  add(type: string, fields: object, waiter: Waiter, isWanted: () => boolean): void {
    const { maxWaitingCommands } = this.#options;
    if (this.#waiting.length >= maxWaitingCommands) {
      const message = `${maxWaitingCommands} commands are waiting already (maxWaitingCommands); send ${type} later.`;
      waiter.onError(new RoomError('ROOM_TOO_FAST', message, { retry: true }));
      return;
    }
    this.#waiting.push({ number: ++this.#lastNumber, type, fields, waiter, isWanted });
    this.#sendNext();
  }

  /** The connection ended: drops all waiting commands and notifies their waiters of the error. */
  end(error: RoomError): void {
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.#isSlow = false;
    this.#repeats = 0;
    for (const { waiter } of this.#waiting.splice(0)) waiter.onError(error);
  }

  #sendNext(): void {
    while (this.#pause === undefined && this.#waiting.length > 0 && this.#pending < (this.#isSlow ? 1 : maxPending)) {
      const command = this.#waiting.shift() as Command;
      if (command.isWanted()) this.#send(command);
    }
    if (this.#waiting.length === 0 && this.#pending === 0) this.#isSlow = false;
  }

  #send(command: Command): void {
    const isAlone = this.#isSlow;
    this.#pending++;
    this.#options.send(command.type, command.fields, {
      onReply: (reply) => {
        this.#onResponse();
        command.waiter.onReply(reply);
        this.#sendNext();
      },
      onError: (error) => {
        if (error.code === 'ROOM_TOO_FAST' && error.retry) {
          this.#onTooFast(command, error, isAlone);
          return;
        }
        this.#onResponse();
        command.waiter.onError(error);
        this.#sendNext();
      },
    });
  }

  #onResponse(): void {
    this.#pending--;
    this.#repeats = 0;
  }

  #onTooFast(command: Command, error: RoomError, wasAlone: boolean): void {
    this.#pending--;
    this.#isSlow = true;
    const later = this.#waiting.findIndex(({ number }) => number > command.number);
    this.#waiting.splice(later < 0 ? this.#waiting.length : later, 0, command);
    // Commands that were sent together are refused together, so they share one pause.
    this.#pause ??= setTimeout(
      () => {
        this.#pause = undefined;
        this.#sendNext();
      },
      retryWait(error.retryAfterMs, wasAlone ? ++this.#repeats : 0, this.#options.random),
    );
  }
}
