/** The channels of the rooms that have subscriptions on this server. A channel is open from the first subscription of its room to the last. */
import type { Logger } from '../run/log.ts';
import type { RoomChannel } from './room-channel.ts';
import { roomsClosed } from './rooms-closed.ts';

/** A channel in use by a subscription. */
export interface UsedChannel {
  readonly channel: RoomChannel;
  /** Ends one use. One function for all subscriptions of the room, so call it once for each. */
  readonly release: () => void;
}

interface OpenChannel extends UsedChannel {
  readonly opened: Promise<void>;
  /** Number of subscriptions that use the channel. */
  users: number;
}

/** The open channels by room. */
export class RoomChannels {
  readonly #create: (room: string) => RoomChannel;
  readonly #log: Logger;
  readonly #open = new Map<string, OpenChannel>();
  readonly #closing = new Set<Promise<void>>();
  #isClosed = false;

  constructor(create: (room: string) => RoomChannel, log: Logger) {
    this.#create = create;
    this.#log = log;
  }

  /** The open channels. */
  get all(): readonly RoomChannel[] {
    return [...this.#open.values()].map(({ channel }) => channel);
  }

  /** The channel of a room, if it has subscriptions here. */
  get(room: string): RoomChannel | undefined {
    return this.#open.get(room)?.channel;
  }

  /** Opens the channel of a room, unless it is open. @throws {@link GaleError} `ROOM_UNAVAILABLE` if the broker does not respond, or after `close`. */
  async use(room: string): Promise<UsedChannel> {
    const open = this.#open.get(room) ?? this.#add(room);
    open.users++;
    try {
      await open.opened;
    } catch (error) {
      this.#release(open);
      throw error;
    }
    return open;
  }

  /** Closes all channels. Settles when none listens to the broker. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const channels = this.all;
    this.#open.clear();
    await Promise.allSettled(channels.map((channel) => channel.close()));
    await Promise.all(this.#closing);
  }

  #add(room: string): OpenChannel {
    if (this.#isClosed) throw roomsClosed();
    const channel = this.#create(room);
    const open: OpenChannel = { channel, opened: channel.open(), users: 0, release: () => this.#release(open) };
    this.#open.set(room, open);
    return open;
  }

  #release(open: OpenChannel): void {
    open.users--;
    const { channel } = open;
    if (open.users > 0 || this.#open.get(channel.room) !== open) return;
    this.#open.delete(channel.room);
    const closing: Promise<void> = channel
      .close()
      .catch((error: unknown) =>
        this.#log.warn({ err: error, room: channel.room }, 'Could not stop listening to a room'),
      )
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}
