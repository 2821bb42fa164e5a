/**
 * One process that serves: it starts once, stops once in good order, and ends with an exit code. It knows neither signals nor
 * other processes; program.ts tells it when to stop.
 */
import type { Logger } from './log.ts';
import { sayWhy } from './start-failure.ts';
import type { Explain } from './start-failure.ts';

/** What a program started and what ends it; an `HttpServer` is one. */
export interface Stoppable {
  /**
   * Accepts nothing new and finishes what is in flight, for at most `graceMs` milliseconds, then cuts the rest.
   *
   * @returns Settles when nothing is left that has to be finished.
   */
  close(options: { readonly graceMs: number }): Promise<void> | void;
}

/** Which of a program's processes this is. */
export interface ProgramProcess {
  /** 0 to `count` - 1; a process that replaces another has its index. */
  readonly index: number;
  /** How many processes the program has. */
  readonly count: number;
  /** How many processes with this index have ended before. */
  readonly restarts: number;
}

/** What a {@link ServingProcess} needs. */
export interface ServingSettings {
  /** Longest that requests in flight are waited for. */
  readonly graceMs: number;
  /** How much longer a stop may take before it counts as hung. */
  readonly hangMs: number;
  readonly log: Logger;
  readonly explain: Explain | undefined;
  /** Ends the process; called once or more. */
  readonly exit: (code: number) => void;
}

/** The life of this process. */
export class ServingProcess {
  readonly #settings: ServingSettings;
  #started: Promise<Stoppable | undefined> = Promise.resolve(undefined);
  #isStopping = false;

  constructor(settings: ServingSettings) {
    this.#settings = settings;
  }

  /**
   * Calls `start`; if that fails, says why on standard error and exits with 1.
   *
   * @returns Whether it serves now.
   */
  async start(start: () => Stoppable | Promise<Stoppable>): Promise<boolean> {
    this.#started = this.#start(start);
    return (await this.#started) !== undefined;
  }

  /** Stops what was started, also when it is still starting, and exits: with 0, or with 1 if it fails or hangs. Safe to call again. */
  stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    void this.#stop();
  }

  async #start(start: () => Stoppable | Promise<Stoppable>): Promise<Stoppable | undefined> {
    try {
      return await start();
    } catch (error) {
      sayWhy(error, this.#settings.explain);
      this.#settings.exit(1);
      return undefined;
    }
  }

  async #stop(): Promise<void> {
    const { graceMs, hangMs, log, exit } = this.#settings;
    const hung = setTimeout(() => {
      log.error({ graceMs, hangMs }, 'The process did not stop in time; it is ended.');
      exit(1);
    }, graceMs + hangMs);
    let code = 0;
    try {
      const started = await this.#started;
      await started?.close({ graceMs });
    } catch (error) {
      log.error({ err: error }, 'The process could not stop in good order.');
      code = 1;
    }
    clearTimeout(hung);
    exit(code);
  }
}
