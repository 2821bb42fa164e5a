/**
 * One process that serves: it starts once, shuts down gracefully once, and ends with an exit code. It handles neither signals nor
 * other processes; program.ts stops it.
 */
import type { Logger } from './log.ts';
import { reportFailure } from './start-failure.ts';
import type { Explain } from './start-failure.ts';

/** The result of `start`, which the program closes at the end; for example an `HttpServer`. */
export interface Stoppable {
  /**
   * Accepts no new work, finishes requests in flight for at most `graceMs` milliseconds, then resets the remaining connections.
   *
   * @returns Settles when all work is finished.
   */
  close(options: { readonly graceMs: number }): Promise<void> | void;
}

/** The position of this process among the processes of the program. */
export interface ProgramProcess {
  /** 0 to `count` - 1; a process that replaces another has its index. */
  readonly index: number;
  /** Number of processes of the program. */
  readonly count: number;
  /** Number of earlier processes with this index that have ended. */
  readonly restarts: number;
}

/** Settings of a {@link ServingProcess}. */
export interface ServingSettings {
  /** Longest wait for requests in flight. */
  readonly graceMs: number;
  /** How much longer a stop may take before it counts as hung. */
  readonly hangMs: number;
  readonly log: Logger;
  readonly explain: Explain | undefined;
  /** Ends the process; may be called several times. */
  readonly exit: (code: number) => void;
}

/** The lifecycle of this process. */
export class ServingProcess {
  readonly #settings: ServingSettings;
  #started: Promise<Stoppable | undefined> = Promise.resolve(undefined);
  #isStopping = false;

  constructor(settings: ServingSettings) {
    this.#settings = settings;
  }

  /**
   * Calls `start`. If that fails, writes the reason to standard error and exits with 1.
   *
   * @returns Whether the process now serves.
   */
  async start(start: () => Stoppable | Promise<Stoppable>): Promise<boolean> {
    this.#started = this.#start(start);
    return (await this.#started) !== undefined;
  }

  /** Waits for a pending start, closes what it started and exits: with 0, or with 1 if that fails or hangs. Safe to call again. */
  stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    void this.#stop();
  }

  async #start(start: () => Stoppable | Promise<Stoppable>): Promise<Stoppable | undefined> {
    try {
      return await start();
    } catch (error) {
      reportFailure(error, this.#settings.explain);
      this.#settings.exit(1);
      return undefined;
    }
  }

  async #stop(): Promise<void> {
    const { graceMs, hangMs, log, exit } = this.#settings;
    const hung = setTimeout(() => {
      log.error({ graceMs, hangMs }, 'The process did not stop in time; it is killed');
      exit(1);
    }, graceMs + hangMs);
    let code = 0;
    try {
      const started = await this.#started;
      await started?.close({ graceMs });
    } catch (error) {
      log.error({ err: error }, 'The process failed to stop cleanly');
      code = 1;
    }
    clearTimeout(hung);
    exit(code);
  }
}
