/**
 * A queue before the password hashes: so many at once, so many waiting, the rest refused; one address after the other.
 * Each takes 19 MiB and a core for tens of milliseconds; a flood of sign-ins must not take them all, and one address not those of
 * the others.
 */

/** Too many wait already; nothing was begun. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
}

/** Limits of a queue. */
export interface HashQueueOptions {
  /** Tasks that run at a time. @defaultValue 2 (libuv has 4 threads; files and names need some) */
  readonly atOnce?: number;
  /** Tasks that wait. @defaultValue 100 (about two seconds on one slow core) */
  readonly maxWaiting?: number;
  /** Tasks that wait for one address. @defaultValue 20 */
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
  /** What waits, by address. The first address has the next turn. */
  readonly #queues = new Map<string, Waiting[]>();

  constructor(options: HashQueueOptions = {}) {
    this.#atOnce = options.atOnce ?? 2;
    this.#maxWaiting = options.maxWaiting ?? 100;
    this.#maxWaitingPerAddress = options.maxWaitingPerAddress ?? 20;
  }

  /**
   * @param address - Whose turn it takes.
   * @throws {@link QueueFullError} if `maxWaiting` tasks wait, or `maxWaitingPerAddress` of this address. A full queue takes a task
   * of an address with few waiting, and refuses the newest of the address with most. Otherwise settles as the task does.
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

  /** Waits; the task that ends hands its place over, so `#running` stays. */
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

  /** Refuses the newest task of the address with most, if that has at least two more than the address that asks. */
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
    // To the end, after all other addresses.
    this.#queues.delete(address);
    if (queue.length > 0) this.#queues.set(address, queue);
    this.#waiting--;
    next?.begin();
  }
}

function full(waiting: number, limit: string): QueueFullError {
  return new QueueFullError(`${waiting} password hashes wait already (${limit}).`);
}
