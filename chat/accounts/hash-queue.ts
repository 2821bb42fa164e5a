/**
 * A bounded queue for password hashes, in which addresses take turns.
 * A hash takes 19 MiB and a core for tens of milliseconds. A flood of sign-ins must not take all of them, and one address must
 * not take the share of the others.
 */

/** The queue is full; the task was not started. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
}

/** Limits of a queue. */
export interface HashQueueOptions {
  /** Tasks that run at a time. @defaultValue 2 (libuv has 4 threads; files and names need some) */
  readonly atOnce?: number;
  /** Tasks that wait. @defaultValue 100 (about two seconds on one slow core) */
  readonly maxWaiting?: number;
  /** Tasks of one address that wait. @defaultValue 20 */
  readonly maxWaitingPerAddress?: number;
}

interface Waiting {
  readonly begin: () => void;
  readonly refuse: (error: QueueFullError) => void;
}

/** Runs tasks, at most `atOnce` at a time: the addresses take turns, the tasks of one address run in order. */
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
   * @param address - The address whose turn the task takes.
   * @throws {@link QueueFullError} if `maxWaiting` tasks wait, or `maxWaitingPerAddress` of this address. A full queue accepts a
   * task of an address with few waiting tasks and refuses the newest task of the address with the most. Otherwise settles like the task.
   */
  async run<Result>(task: () => Promise<Result>, address: string = ''): Promise<Result> {
    if (this.#running >= this.#atOnce) await this.#turn(address);
    else this.#running++;
    try {
      return await task();
    } finally {
      this.#next();
    }
  }

  /** Waits for a turn. The task that ends passes its place on, so `#running` does not change. */
  #turn(address: string): Promise<void> {
    const queue = this.#queues.get(address) ?? [];
    if (queue.length >= this.#maxWaitingPerAddress) throw full(queue.length, 'maxWaitingPerAddress');
    if (this.#waiting >= this.#maxWaiting) this.#makeRoom(queue.length);
    const { promise, resolve: begin, reject: refuse } = Promise.withResolvers<void>();
    queue.push({ begin, refuse });
    this.#queues.set(address, queue);
    this.#waiting++;
    return promise;
  }

  /** Refuses the newest task of the address with the most, if that has at least two more than the address of the new task. */
  #makeRoom(waitingOfAsker: number): void {
    let longest: Waiting[] = [];
    for (const queue of this.#queues.values()) if (queue.length > longest.length) longest = queue;
    if (longest.length < waitingOfAsker + 2) throw full(this.#waiting, 'maxWaiting');
    this.#waiting--;
    longest.pop()?.refuse(full(this.#maxWaiting, 'maxWaiting'));
  }

  #next(): void {
    const [first] = this.#queues;
    if (first === undefined) {
      this.#running--;
      return;
    }
    const [address, queue] = first;
    const next = queue.shift();
    // Move the address to the end, after all others.
    this.#queues.delete(address);
    if (queue.length > 0) this.#queues.set(address, queue);
    this.#waiting--;
    next?.begin();
  }
}

function full(waiting: number, limit: string): QueueFullError {
  return new QueueFullError(`The queue of password hashes is full: ${waiting} wait (${limit}).`);
}
