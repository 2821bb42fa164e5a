/**
 * Names of keys and channels in Redis. All of a room share one hash tag, so on a Redis Cluster they are on one node.
 */
import { GaleError } from '../../../errors.ts';
import type { Entry } from '../../stream.ts';

/** Names for one prefix and one database. */
export class RedisKeys {
  readonly #prefix: string;
  /** Channels know no databases, so their names do. */
  readonly #channelPrefix: string;

  /** @throws {@link GaleError} `OPTION_VALUE` if the prefix would spoil the hash tags. */
  constructor(prefix: string, database: number) {
    if (!/^[^{}\s]{1,100}$/.test(prefix)) {
      throw new GaleError('OPTION_VALUE', `prefix is ${prefix}; give 1 to 100 characters without braces and spaces.`);
    }
    this.#prefix = `${prefix}:`;
    this.#channelPrefix = `${prefix}@${database}:`;
  }

  /** Hash: `epoch` and `top` of the stream. */
  head(room: string): string {
    return this.#name(room, 'head');
  }

  /** Stream: the entries kept, each under the id `<offset>-0`. */
  stream(room: string): string {
    return this.#name(room, 'stream');
  }

  /** Sorted set: hashes of the ids of kept messages by offset. */
  kept(room: string): string {
    return this.#name(room, 'kept');
  }

  /** String that runs out: the newest message ids of an author. */
  sent(room: string, author: string): string {
    return this.#name(room, `sent:${author}`);
  }

  /** String that runs out, written by earlier versions only: the answer which a repeated publish of the entry gets. */
  answer(room: string, { id, author }: Entry): string {
    return this.#name(room, `answer:${author.id.length}:${author.id}:${id}`);
  }

  /** Hash by person: how far they have read. */
  cursors(room: string): string {
    return this.#name(room, 'cursors');
  }

  /** Hash by person: who they are and their leases. */
  people(room: string): string {
    return this.#name(room, 'people');
  }

  /** Sorted set of people by the end of their last lease. */
  ends(room: string): string {
    return this.#name(room, 'ends');
  }

  /** The channel on which a room is told live. */
  channel(room: string): string {
    return `${this.#channelPrefix}{${escape(room)}}`;
  }

  /** The room of a {@link channel}. */
  roomOf(channel: string): string {
    return unescape(channel.slice(this.#channelPrefix.length + 1, -1));
  }

  /** A channel on which one broker hears itself. */
  probe(broker: string): string {
    return `${this.#prefix}probe:{${broker}}`;
  }

  /** String that expires: what a check of one broker writes and reads. */
  health(broker: string): string {
    return `${this.#prefix}health:{${broker}}`;
  }

  #name(room: string, what: string): string {
    return `${this.#prefix}{${escape(room)}}:${what}`;
  }
}

/** Braces in a room's name would end its hash tag too early. */
function escape(room: string): string {
  return room.replaceAll(/[%{}]/g, encodeURIComponent);
}

function unescape(text: string): string {
  return text.replaceAll(/%(?:25|7B|7D)/g, decodeURIComponent);
}
