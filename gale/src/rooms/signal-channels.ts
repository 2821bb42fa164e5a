/**
 * Channels for signals that belong to no room: one for everyone, one for each person who is connected.
 * There are as many as people, so each holds its listeners and nothing else: no stream, no roster.
 */
import type { Logger } from '../run/log.ts';
import type { Broker, BrokerListener } from './broker.ts';
import { roomsClosed } from './rooms-closed.ts';
import { toEnvelope } from './signal-envelope.ts';

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
   * Calls a listener for each signal of some channels until the result is stopped.
   * Resolves when no signal from now on is missed, except those that get lost.
   */
  async listen(names: readonly string[], listener: SignalListener): Promise<Listening> {
    if (this.#isClosed) throw roomsClosed();
    const channels = names.map((name) => this.#channelOf(name));
    const listening = new Listening(this, channels, listener);
    const opened = await Promise.allSettled(channels.map((channel) => channel.open(this.#broker)));
    const failed = opened.find((result) => result.status === 'rejected');
    if (!failed && !this.#isClosed) return listening;
    listening.stop();
    throw failed ? failed.reason : roomsClosed();
  }

  /** Stops listening everywhere. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    for (const channel of channels) this.#close(channel);
    await Promise.all(this.#closing);
  }

  #channelOf(name: string): SignalChannel {
    let channel = this.#channels.get(name);
    if (!channel) this.#channels.set(name, (channel = new SignalChannel(name, this.#log)));
    return channel;
  }

  /** Closes a channel that nobody listens to. @internal */
  release(channel: SignalChannel): void {
    if (channel.isUsed || this.#channels.get(channel.name) !== channel) return;
    this.#channels.delete(channel.name);
    this.#close(channel);
  }

  #close(channel: SignalChannel): void {
    const closing: Promise<void> = channel
      .close()
      .catch((error: unknown) =>
        this.#log.warn({ err: error, channel: channel.name }, 'Could not close a signal channel'),
      )
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

/** One call of `listen`. The same function may listen twice. */
export class Listening {
  readonly listener: SignalListener;
  readonly #owner: SignalChannels;
  readonly #channels: readonly SignalChannel[];

  constructor(owner: SignalChannels, channels: readonly SignalChannel[], listener: SignalListener) {
    this.#owner = owner;
    this.#channels = channels;
    this.listener = listener;
    for (const channel of channels) channel.add(this);
  }

  /** Stops it. A second call does nothing. */
  stop(): void {
    for (const channel of this.#channels) if (channel.remove(this)) this.#owner.release(channel);
  }
}

/** One channel. Most have one listener, so that one needs no set. */
class SignalChannel implements BrokerListener {
  readonly name: string;
  readonly #log: Logger;
  #first: Listening | undefined;
  #others: Set<Listening> | undefined;
  #opening: Promise<void> | undefined;
  #stop: (() => Promise<void>) | undefined;
  #isClosed = false;

  constructor(name: string, log: Logger) {
    this.name = name;
    this.#log = log;
  }

  get isUsed(): boolean {
    return this.#first !== undefined || (this.#others?.size ?? 0) > 0;
  }

  add(place: Listening): void {
    if (this.#first === undefined) this.#first = place;
    else (this.#others ??= new Set()).add(place);
  }

  /** @returns Whether it was there. */
  remove(place: Listening): boolean {
    if (this.#first !== place) return this.#others?.delete(place) ?? false;
    this.#first = undefined;
    return true;
  }

  async open(broker: Broker): Promise<void> {
    if (this.#stop) return;
    this.#opening ??= this.#listen(broker);
    await this.#opening;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#first = this.#others = undefined;
    await this.#stop?.();
  }

  onMessage(): void {}

  onDoubt(): void {}

  onAmend(): void {}

  onSignal(data: unknown): void {
    const envelope = toEnvelope(data);
    if (!envelope || !('app' in envelope)) return;
    if (this.#first) this.#notify(this.#first, envelope.app);
    for (const place of this.#others ?? []) this.#notify(place, envelope.app);
  }

  #notify({ listener }: Listening, event: unknown): void {
    try {
      listener(event);
    } catch (error) {
      this.#log.error({ err: error, channel: this.name }, 'A notification listener failed');
    }
  }

  async #listen(broker: Broker): Promise<void> {
    const stop = await broker.listen(this.name, this);
    this.#opening = undefined;
    this.#stop = stop;
    if (this.#isClosed) await stop();
  }
}
