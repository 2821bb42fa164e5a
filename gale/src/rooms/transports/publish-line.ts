/**
 * The publishes of one connection that are under way. Each is accepted after the one before it was accepted, and all wait for the
 * store together. Responses are sent in the order of the publishes. No I/O.
 */
import { isThenable } from '../../http/thenable.ts';
import type { Published } from '../stream.ts';

/** Most publishes of one connection under way. */
export const maxPublishes = 128;
/** Most bytes of their frames, approximately. One frame may be larger than what is left. */
export const maxPublishBytes: number = 256 * 1024;

/** What a connection does for its publishes. `Fields` are the fields of a publish. */
export interface PublishEnds<Fields> {
  /** Whether the connection is closed: publishes that were not accepted are dropped. */
  isOver(): boolean;
  /** Checks a publish and gives it to the store. A refusal is an error or a rejection, of either promise. */
  accept(fields: Fields): Accepted | Promise<Accepted>;
  /** Sends the reply. */
  reply(ref: number, id: string, published: Published): void;
  /** Sends the error. */
  refuse(ref: number, error: unknown): void;
}

/** An accepted publish. An object, since a promise of a promise would wait for both. */
export interface Accepted {
  readonly id: string;
  readonly stored: Promise<Published>;
}

interface Publish<Fields> {
  readonly ref: number;
  /** Undefined once accepted, so that they can be collected. */
  fields: Fields | undefined;
  readonly bytes: number;
  /** A response waits for those before it. */
  state: 'under way' | 'stored' | 'refused';
  id: string;
  published: Published | undefined;
  error: unknown;
}

/** Publishes in the order in which they arrived. */
export class PublishLine<Fields> {
  readonly #ends: PublishEnds<Fields>;
  /** Those without a sent response, oldest first. */
  #line: Publish<Fields>[] = [];
  /** How many of {@link #line} were given to {@link PublishEnds.accept}. */
  #accepted = 0;
  #bytes = 0;
  #isAccepting = false;
  /** Resolves when there is room for one more, or none is left. */
  #room: PromiseWithResolvers<void> | undefined;
  #end: PromiseWithResolvers<void> | undefined;

  constructor(ends: PublishEnds<Fields>) {
    this.#ends = ends;
  }

  /**
   * Adds a publish.
   *
   * @param bytes - Size of its frame.
   * @returns A promise if the line is full now: the next command can be read when it resolves.
   */
  add(ref: number, fields: Fields, bytes: number): Promise<void> | undefined {
    this.#line.push({ ref, fields, bytes, state: 'under way', id: '', published: undefined, error: undefined });
    this.#bytes += bytes;
    if (!this.#isAccepting) this.#acceptNext();
    if (!this.#isFull) return undefined;
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  /** Resolves when no publish is under way; undefined if there is none. */
  settled(): Promise<void> | undefined {
    if (this.#line.length === 0) return undefined;
    this.#end ??= Promise.withResolvers<void>();
    return this.#end.promise;
  }

  get #isFull(): boolean {
    return this.#line.length >= maxPublishes || this.#bytes >= maxPublishBytes;
  }

  /** Accepts until a check is asynchronous. */
  #acceptNext(): void {
    for (let publish; (publish = this.#line[this.#accepted]);) {
      if (this.#ends.isOver()) {
        this.#leave(this.#accepted, this.#line.length);
        return;
      }
      this.#accepted += 1;
      const fields = publish.fields as Fields;
      publish.fields = undefined;
      try {
        const accepted = this.#ends.accept(fields);
        if (isThenable(accepted)) {
          this.#isAccepting = true;
          void this.#acceptLater(publish, accepted);
          return;
        }
        this.#await(publish, accepted);
      } catch (error) {
        this.#refuse(publish, error);
      }
    }
  }

  async #acceptLater(publish: Publish<Fields>, accepting: Promise<Accepted>): Promise<void> {
    try {
      this.#await(publish, await accepting);
    } catch (error) {
      this.#refuse(publish, error);
    }
    this.#isAccepting = false;
    this.#acceptNext();
  }

  #await(publish: Publish<Fields>, { id, stored }: Accepted): void {
    publish.id = id;
    stored.then(
      (published) => {
        publish.state = 'stored';
        publish.published = published;
        this.#respond();
      },
      (error: unknown) => this.#refuse(publish, error),
    );
  }

  #refuse(publish: Publish<Fields>, error: unknown): void {
    publish.state = 'refused';
    publish.error = error;
    this.#respond();
  }

  /** Sends the responses that no earlier one precedes. */
  #respond(): void {
    let count = 0;
    for (const publish of this.#line) {
      if (publish.state === 'under way') break;
      count += 1;
      if (publish.published) this.#ends.reply(publish.ref, publish.id, publish.published);
      else this.#ends.refuse(publish.ref, publish.error);
    }
    this.#accepted -= count;
    this.#leave(0, count);
  }

  /** Removes publishes from the line. */
  #leave(from: number, to: number): void {
    for (const { bytes } of this.#line.splice(from, to - from)) this.#bytes -= bytes;
    if (!this.#isFull) {
      this.#room?.resolve();
      this.#room = undefined;
    }
    if (this.#line.length > 0) return;
    this.#end?.resolve();
    this.#end = undefined;
  }
}
