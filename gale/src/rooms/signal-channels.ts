/**
 * Channels for signals that belong to no room: one for everyone, one for each person who is connected.
 * There are as many as people, so each holds its listeners and nothing else: no stream, no roster.
 */
import { GaleError } from '../errors.ts';
import type { Logger } from '../run/log.ts';
import type { Broker, BrokerListener } from './broker.ts';
import { toEnvelope } from './lanes.ts';

/** Called with what an application signals. */
export type SignalListener = (event: unknown) => void;

/** The channels of one server. */
export class SignalChannels {
  readonly #broker: Broker;
  readonly #log: Logger;
  readonly #channels = new Map<string, SignalChannel>();
  readonly #closing = new Set<Promise<void>>();
  #isClosed = false;

  constructor(broker: Broker, log: Logger) {
    this.#broker = broker;
    this.#log = log;
  }

  /**
   * Calls a listener for each signal of a channel until the returned function is called.
   * Resolves when no signal from now on is missed, except those that get lost.
   */
  async listen(name: string, listener: SignalListener): Promise<() => void> {
    if (this.#isClosed) throw new GaleError('ROOM_UNAVAILABLE', 'The hub of rooms is closed; ask another server.');
    let channel = this.#channels.get(name);
    if (!channel) this.#channels.set(name, (channel = new SignalChannel(name, this.#log)));
    const used = channel;
    // An object of its own, since the same function may listen twice.
    const place = { listener };
    used.places.add(place);
    const stop = (): void => {
      if (used.places.delete(place)) this.#release(used);
    };
    try {
      await used.open(this.#broker);
    } catch (error) {
      stop();
      throw error;
    }
    return stop;
  }

  /** Stops listening everywhere. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    for (const channel of channels) this.#close(channel);
    await Promise.all(this.#closing);
  }

  #release(channel: SignalChannel): void {
    if (channel.places.size > 0 || this.#channels.get(channel.name) !== channel) return;
    this.#channels.delete(channel.name);
    this.#close(channel);
  }

  #close(channel: SignalChannel): void {
    const closing: Promise<void> = channel
      .close()
      .catch((error: unknown) => this.#log.warn({ err: error, channel: channel.name }, 'a channel could not be closed'))
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

/** One channel. */
class SignalChannel implements BrokerListener {
  readonly name: string;
  readonly places = new Set<{ readonly listener: SignalListener }>();
  readonly #log: Logger;
  #opening: Promise<void> | undefined;
  #stop: (() => Promise<void>) | undefined;
  #isClosed = false;

  constructor(name: string, log: Logger) {
    this.name = name;
    this.#log = log;
  }

  async open(broker: Broker): Promise<void> {
    if (this.#stop) return;
    this.#opening ??= this.#listen(broker);
    await this.#opening;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.places.clear();
    const stop = this.#stop;
    await stop?.();
  }

  onMessage(): void {}

  onDoubt(): void {}

  onSignal(data: unknown): void {
    const envelope = toEnvelope(data);
    if (!envelope || !('app' in envelope)) return;
    for (const { listener } of this.places) {
      try {
        listener(envelope.app);
      } catch (error) {
        this.#log.error({ err: error, channel: this.name }, 'a listener of signals failed');
      }
    }
  }

  async #listen(broker: Broker): Promise<void> {
    const stop = await broker.listen(this.name, this);
    this.#opening = undefined;
    this.#stop = stop;
    if (this.#isClosed) await stop();
  }
}
