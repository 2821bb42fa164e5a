/**
 * One run of one scenario: starts servers and clients, keeps the history, and judges it. Everything that it started ends
 * with it. All random choices come from its seed; what the network and the processes do with them is not repeatable.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from '../support/eventually.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { judge } from './checker.ts';
import type { Judgement, Permissions } from './checker.ts';
import { Cluster } from './cluster.ts';
import type { ClusterOptions } from './cluster.ts';
import { Consumer } from './consumer.ts';
import type { ConsumerOptions } from './consumer.ts';
import { History } from './history.ts';
import { LibraryClient } from './library-client.ts';
import type { LibraryClientOptions } from './library-client.ts';
import { percentile } from './measured-limits.ts';
import { Publisher } from './publisher.ts';
import type { PublisherOptions } from './publisher.ts';
import { readStream } from './stream-reader.ts';
import type { Violation } from './violation.ts';

type Optional<Options, Names extends keyof Options> = Omit<Options, Names> & Partial<Pick<Options, Names>>;

/** The room of scenarios that need only one. */
export const lobby = 'lobby';

/** A run of a scenario. */
export class Trial {
  readonly seed: number;
  readonly random: () => number;
  readonly history: History = new History();
  readonly violations: Violation[] = [];
  readonly notes: string[] = [];
  readonly publishers: Publisher[] = [];
  readonly consumers: Consumer[] = [];
  readonly libraryClients: LibraryClient[] = [];
  permissions: Permissions = {};
  #cluster: Cluster | undefined;
  #healedAt: number | undefined;
  #isComplete = false;

  constructor(seed: number) {
    this.seed = seed;
    this.random = seededRandom(seed);
  }

  /** The servers, after {@link start}. */
  get cluster(): Cluster {
    if (!this.#cluster) throw new Error('The scenario has not started its servers.');
    return this.#cluster;
  }

  /** Starts the servers. */
  async start(options: ClusterOptions = {}): Promise<Cluster> {
    this.#cluster = await Cluster.start(options);
    return this.#cluster;
  }

  /** Creates a publisher; by default in the lobby, at any node. Not started. */
  publisher(options: Optional<Omit<PublisherOptions, 'random'>, 'person' | 'room' | 'route'> = {}): Publisher {
    const index = this.publishers.length;
    const publisher = new Publisher(this.history, {
      person: `writer${index + 1}`,
      room: lobby,
      route: this.cluster.stay(index),
      random: this.random,
      ...options,
    });
    this.publishers.push(publisher);
    return publisher;
  }

  /** Creates a consumer; by default of the lobby, at any node. Not started. */
  consumer(options: Optional<Omit<ConsumerOptions, 'random'>, 'person' | 'rooms' | 'route'> = {}): Consumer {
    const index = this.consumers.length;
    const consumer = new Consumer(this.history, {
      person: `reader${index + 1}`,
      rooms: [lobby],
      route: this.cluster.stay(index),
      random: this.random,
      ...options,
    });
    this.consumers.push(consumer);
    return consumer;
  }

  /** Starts `count` consumers and waits until they are subscribed. */
  async crowd(count: number, options: Parameters<Trial['consumer']>[0] = {}): Promise<Consumer[]> {
    const crowd = Array.from({ length: count }, () => this.consumer(options));
    // Not all in one moment: a start is no storm.
    for (const [index, consumer] of crowd.entries()) {
      consumer.start();
      if (index % 50 === 49) await wait(20);
    }
    await Promise.all(crowd.map((consumer) => consumer.ready(30_000)));
    return crowd;
  }

  /** Creates a client of the library in the lobby. Not started. */
  libraryClient(options: Optional<LibraryClientOptions, 'person' | 'room' | 'route'> = {}): LibraryClient {
    const index = this.libraryClients.length;
    const client = new LibraryClient(this.history, {
      person: `page${index + 1}`,
      room: lobby,
      route: this.cluster.stay(index),
      ...options,
    });
    this.libraryClients.push(client);
    return client;
  }

  /** A random integer from `from` to `to`. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.random() * (to - from + 1));
  }

  /** Waits for a condition of the scenario. */
  until(condition: () => boolean | Promise<boolean>, what: string, withinMs = 20_000): Promise<void> {
    return eventually(condition, () => what, withinMs);
  }

  /** Repeats an action with a pause, until the returned function is called. It resolves after the last one. */
  repeat(action: () => unknown, pauseMs: number): () => Promise<void> {
    const stop = new AbortController();
    const repeating = (async () => {
      while (!stop.signal.aborted) {
        await action();
        await wait(pauseMs);
      }
    })();
    return () => {
      stop.abort();
      return repeating;
    };
  }

  /** Notes the end of a fault. The recovery time counts from the last one. */
  healed(): void {
    this.#healedAt = performance.now();
  }

  /** Reports a violation of the scenario's own expectation unless it holds. */
  expect(holds: boolean, text: string): void {
    if (!holds) this.violations.push({ invariant: 'scenario', text });
  }

  /**
   * Stops all publishers, waits until every consumer has the newest message of each room, and records the streams.
   * Without it, {@link judge} does the same.
   */
  async complete(withinMs = 25_000): Promise<void> {
    this.#isComplete = true;
    await Promise.all(this.publishers.map((publisher) => publisher.stop(withinMs)));
    for (const room of this.history.rooms) {
      const stream = await readStream(this.cluster.nodes, room, withinMs);
      this.history.streams.push(stream);
      // A consumer that does not get there is a violation of I1, which the checker reports.
      await eventually(() => this.#isAtEnd(room, stream), undefined, withinMs).catch(() => {});
    }
  }

  /** Completes and judges the run. */
  async judge(): Promise<Judgement> {
    if (!this.#isComplete) await this.complete();
    const judgement = judge(this.history, this.permissions);
    return { ...judgement, violations: [...this.violations, ...judgement.violations] };
  }

  /** From the end of the last fault until the last consumer got something, in milliseconds. */
  get recoveryMs(): number | undefined {
    const from = this.#healedAt;
    if (from === undefined) return undefined;
    const firsts = this.history.consumers
      .filter(({ isExpected }) => isExpected)
      .flatMap(({ events }) => events.find(({ kind, at }) => kind === 'message' && at >= from)?.at ?? []);
    return firsts.length === 0 ? undefined : Math.round(Math.max(...firsts) - from);
  }

  /** Times from publish to delivery at the given consumers, of messages published in a period, in milliseconds. */
  latencies(consumers: readonly Consumer[], from: number, to: number): number[] {
    const invoked = new Map(this.history.publishes.map(({ id, invokedAt }) => [id, invokedAt]));
    return consumers.flatMap((consumer) =>
      [...consumer.records.values()].flatMap(({ events }) =>
        events.flatMap((event) => {
          const at = event.kind === 'message' ? invoked.get(event.id) : undefined;
          return at !== undefined && at >= from && at <= to ? [event.at - at] : [];
        }),
      ),
    );
  }

  /** Notes the p99 of latencies for the report. */
  noteLatency(name: string, values: readonly number[]): void {
    this.notes.push(`${name} p99 ${Math.round(percentile(values, 0.99))} ms`);
  }

  /** Ends everything that the scenario started. */
  async close(): Promise<void> {
    for (const publisher of this.publishers) publisher.end();
    for (const client of this.libraryClients) client.close();
    await Promise.all(this.consumers.map((consumer) => consumer.leave()));
    await this.#cluster?.close();
  }

  #isAtEnd(room: string, { epoch, top }: { readonly epoch: string; readonly top: number }): boolean {
    const consumers = this.consumers.filter(({ records }) => records.get(room)?.isExpected);
    const pages = this.libraryClients.filter(({ record }) => record.room === room && record.isExpected);
    const positions = [
      ...consumers.map(({ positions }) => positions.get(room)),
      ...pages.map(({ client }) => client.position(room)),
    ];
    return positions.every((position) => position?.epoch === epoch && position.offset >= top);
  }
}
