/**
 * A bounded queue for password hashes that serves addresses in turn (round robin).
 * A hash takes 19 MiB and a core for tens of milliseconds. A flood of sign-ins must not use all memory and cores, and one
 * address must not use up the share of the others.
 */

/** The queue is full; the task was not started. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
}

/** Limits of a queue. */
export interface HashQueueOptions {
  /** Most tasks that run at the same time. @defaultValue 2 (libuv has 4 threads; files and DNS need some) */
  readonly atOnce?: number;
  /** Most waiting tasks in total. @defaultValue 100 (about two seconds on one slow core) */
  readonly maxWaiting?: number;
  /** Most waiting tasks of one address. @defaultValue 20 */
  readonly maxWaitingPerAddress?: number;
}

/** A task that waits for its turn. */
interface Waiting {
  readonly begin: () => void;
  readonly refuse: (error: QueueFullError) => void;
}

/** Runs at most `atOnce` tasks at the same time. Addresses take turns; tasks of one address start in order. */
export class HashQueue {
  readonly #atOnce: number;
  readonly #maxWaiting: number;
  readonly #maxWaitingPerAddress: number;
  #running = 0;
  #waiting = 0;
  /** Waiting tasks by address. The first address has the next turn. */
  readonly #queues = new Map<string, Waiting[]>();

  constructor(options: HashQueueOptions = {}) {
    this.#atOnce = options.atOnce ?? 2;
    this.#maxWaiting = options.maxWaiting ?? 100;
    this.#maxWaitingPerAddress = options.maxWaitingPerAddress ?? 20;
  }

  /**
   * Runs a task when it is its turn, and settles like the task.
   *
   * A full queue may accept the task of an address with few waiting tasks. It then refuses the newest waiting task of the
   * address with the most.
   *
   * @param address - The address that the task is counted for.
   * @throws {@link QueueFullError} if `maxWaiting` tasks wait, or `maxWaitingPerAddress` of this address. The task was not started.
   */
  async run<Result>(task: () => Promise<Result>, address: string = ''): Promise<Result> {
    if (this.#running >= this.#atOnce) await this.#waitForTurn(address);
    else this.#running++;
    try {
      return await task();
    } finally {
      this.#startNext();
    }
  }

  /** Waits until a running task ends. That task passes its place on, so `#running` does not change. */
  #waitForTurn(address: string): Promise<void> {
    const queue = this.#queues.get(address) ?? [];
    if (queue.length >= this.#maxWaitingPerAddress) throw full(queue.length, 'maxWaitingPerAddress');
    if (this.#waiting >= this.#maxWaiting) this.#refuseNewest(queue.length);
    const { promise, resolve: begin, reject: refuse } = Promise.withResolvers<void>();
    queue.push({ begin, refuse });
    this.#queues.set(address, queue);
    this.#waiting++;
    return promise;
  }

  /**
   * Frees a place: refuses the newest waiting task of the address with the most.
   * That address must have at least two more than the address of the new task. Otherwise the new task is refused.
   */
  #refuseNewest(waitingOfAddress: number): void {
    let longest: Waiting[] = [];
    for (const queue of this.#queues.values()) if (queue.length > longest.length) longest = queue;
    if (longest.length < waitingOfAddress + 2) throw full(this.#waiting, 'maxWaiting');
    this.#waiting--;
    longest.pop()?.refuse(full(this.#maxWaiting, 'maxWaiting'));
  }

  /** Passes the place of an ended task to the first address, or frees it if no task waits. */
  #startNext(): void {
    const [first] = this.#queues;
    if (first === undefined) {
      this.#running--;
      return;
    }
    const [address, queue] = first;
    const next = queue.shift();
    // Insert the address again, so that it comes after all others.
    this.#queues.delete(address);
    if (queue.length > 0) this.#queues.set(address, queue);
    this.#waiting--;
    next?.begin();
  }
}

function full(waiting: number, limit: string): QueueFullError {
  return new QueueFullError(`The queue of password hashes is full: ${waiting} wait (${limit}).`);
}
