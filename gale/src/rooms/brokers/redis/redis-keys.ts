/**
 * Names of keys and channels in Redis. All names of a room share one hash tag, so a Redis Cluster keeps them on one node.
 */
import { wrongValue } from '../../../run/given-options.ts';
import type { Entry } from '../../stream.ts';

/** Names for one prefix and one database. */
export class RedisKeys {
  readonly #prefix: string;
  /** Channels are shared by all databases, so their names contain the database. */
  readonly #channelPrefix: string;

  /** @throws {@link GaleError} `OPTION_VALUE` if the prefix would break the hash tags. */
  constructor(prefix: string, database: number) {
    if (typeof prefix !== 'string' || !/^[^{}\s]{1,100}$/.test(prefix)) {
      throw wrongValue('prefix', 'a string of 1 to 100 characters without braces and spaces', prefix);
    }
    this.#prefix = `${prefix}:`;
    this.#channelPrefix = `${prefix}@${database}:`;
  }

  /** Hash: `epoch`, `top` and `lives` of the stream. */
  head(room: string): string {
    return this.#name(room, 'head');
  }

  /** Stream: the kept entries, with the id `<offset>-0`. */
  stream(room: string): string {
    return this.#name(room, 'stream');
  }

  /** Stream that exists only while a script gives the entries new offsets. */
  spare(room: string): string {
    return this.#name(room, 'spare');
  }

  /** Sorted set: hashes of the ids of kept messages by offset. */
  kept(room: string): string {
    return this.#name(room, 'kept');
  }

  /** String that expires: the newest message ids of an author. */
  sent(room: string, author: string): string {
    return this.#name(room, `sent:${author}`);
  }

  /** String that expires, written by earlier versions only: the response to a repeated publish of the entry. */
  answer(room: string, { id, author }: Entry): string {
    return this.#name(room, `answer:${author.id.length}:${author.id}:${id}`);
  }

  /** Hash by person: read positions. */
  cursors(room: string): string {
    return this.#name(room, 'cursors');
  }

  /** Hash: what consumers have saved, see redis-hold-scripts.ts. */
  holds(room: string): string {
    return this.#name(room, 'holds');
  }

  /** Hash by room: rooms with something to save for a consumer. */
  unsaved(consumer: string): string {
    return `${this.#prefix}unsaved:{${consumer}}`;
  }

  /** Hash: number and end of the newest claim of a consumer. */
  claim(consumer: string): string {
    return `${this.#prefix}claim:{${consumer}}`;
  }

  /** Hash by person: the person and their leases. */
  people(room: string): string {
    return this.#name(room, 'people');
  }

  /** Sorted set of people by the end of their last lease. */
  ends(room: string): string {
    return this.#name(room, 'ends');
  }

  /** The channel for live delivery of a room. */
  channel(room: string): string {
    return `${this.#channelPrefix}{${escape(room)}}`;
  }

  /** The room of a {@link channel}. */
  roomOf(channel: string): string {
    return unescape(channel.slice(this.#channelPrefix.length + 1, -1));
  }

  /** The channel on which one broker probes itself. */
  probe(broker: string): string {
    return `${this.#prefix}probe:{${broker}}`;
  }

  /** String that expires: the value that a check of one broker writes and reads. */
  health(broker: string): string {
    return `${this.#prefix}health:{${broker}}`;
  }

  #name(room: string, what: string): string {
    return `${this.#prefix}{${escape(room)}}:${what}`;
  }
}

/** Braces in the name of a room would end its hash tag early. */
function escape(room: string): string {
  return room.replaceAll(/[%{}]/g, encodeURIComponent);
}

function unescape(text: string): string {
  return text.replaceAll(/%(?:25|7B|7D)/g, decodeURIComponent);
}
