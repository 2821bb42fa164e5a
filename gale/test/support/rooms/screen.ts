/** What an application shows of one room: the messages that its client reported, without those that a reset discarded. */
import assert from 'node:assert/strict';
import type { RoomsClient } from 'gale/client';
import type { Position, SubscribeReply } from 'gale/client';

/** Records the messages of the room `lobby`. Fails if one is shown twice. */
export class Screen {
  /** Ids in the order shown. */
  ids: string[] = [];
  /** Replies to subscriptions. */
  readonly replies: SubscribeReply[] = [];
  resets = 0;
  /** Messages reported as no longer kept since the last reset. */
  dropped = 0;
  readonly #client: RoomsClient;

  constructor(client: RoomsClient) {
    this.#client = client;
    client.on('subscribed', ({ reply }) => this.replies.push(reply));
    client.on('reset', () => {
      this.ids = [];
      this.dropped = 0;
      this.resets++;
    });
    client.on('dropped', ({ count }) => (this.dropped += count));
    client.on('message', ({ message }) => {
      assert.ok(!this.ids.includes(message.id), `${message.id} is shown twice`);
      this.ids.push(message.id);
    });
  }

  /** Position of the last message. */
  get position(): Position {
    return this.#client.position('lobby') ?? assert.fail('no position');
  }

  /** Subscribes and connects. */
  follow(after?: Position): this {
    this.#client.subscribe('lobby', after);
    this.#client.connect();
    return this;
  }
}
