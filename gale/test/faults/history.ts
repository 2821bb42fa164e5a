/**
 * What publishers and consumers of one scenario saw, with times. The checker judges it afterwards; nothing here decides.
 * Times are milliseconds of `performance.now()` in the process of the suite.
 */

/** A position as it is sent. Fields that the protocol adds are kept, and sent back as they are. */
export interface SeenPosition {
  readonly epoch: string;
  readonly offset: number;
  readonly life?: unknown;
}

/** One message that a publisher wanted to store. */
export interface PublishRecord {
  readonly person: string;
  readonly room: string;
  readonly id: string;
  readonly invokedAt: number;
  /** `unknown`: no response, or `ROOM_PUBLISH_UNKNOWN`; it may be stored. */
  outcome: 'unknown' | 'acknowledged' | 'refused';
  /** Positions of all replies. */
  readonly replies: SeenPosition[];
  settledAt?: number;
  /** Error code of the last refusal. */
  code?: string;
}

/** One event of a consumer. */
export type ConsumerEvent =
  | {
      readonly kind: 'subscribed';
      readonly at: number;
      readonly after: SeenPosition | undefined;
      readonly epoch: string;
      readonly top: number;
      readonly first: number;
      readonly recovered: boolean;
      readonly reset: boolean;
      readonly dropped: number;
    }
  | {
      readonly kind: 'message';
      readonly at: number;
      readonly epoch: string;
      readonly offset: number;
      readonly life?: unknown;
      readonly id: string;
      readonly author: string;
    }
  | {
      readonly kind: 'dropped';
      readonly at: number;
      readonly epoch: string;
      readonly after: number;
      readonly count: number;
    }
  | { readonly kind: 'reset'; readonly at: number; readonly epoch: string; readonly first: number }
  | { readonly kind: 'lost'; readonly at: number; readonly code: number };

/** What one consumer saw of one room. */
export interface ConsumerRecord {
  readonly name: string;
  readonly room: string;
  /**
   * `wire`: frames of docs/wire.md as they arrived, judged strictly. `library`: events of `gale/client`, which hides
   * repeats and reads holes again before the application sees them.
   */
  readonly kind: 'wire' | 'library';
  readonly events: ConsumerEvent[];
  /** Whether it must have everything at the end. False for a consumer that left. */
  isExpected: boolean;
}

/** A message of the stream at the end. */
export interface StreamEntry {
  readonly offset: number;
  readonly id: string;
  readonly author: string;
  readonly life?: unknown;
}

/** The stream of one room at the end, as a new consumer without a position reads it. */
export interface StreamRecord {
  readonly room: string;
  readonly epoch: string;
  readonly first: number;
  readonly top: number;
  readonly entries: readonly StreamEntry[];
}

/** Everything that one scenario recorded. */
export class History {
  readonly publishes: PublishRecord[] = [];
  readonly consumers: ConsumerRecord[] = [];
  readonly streams: StreamRecord[] = [];

  /** Begins the record of a publish. */
  publish(person: string, room: string, id: string): PublishRecord {
    const record: PublishRecord = {
      person,
      room,
      id,
      invokedAt: performance.now(),
      outcome: 'unknown',
      replies: [],
    };
    this.publishes.push(record);
    return record;
  }

  /** Begins the record of a consumer of a room. */
  consumer(name: string, room: string, kind: ConsumerRecord['kind']): ConsumerRecord {
    const record: ConsumerRecord = { name, room, kind, events: [], isExpected: true };
    this.consumers.push(record);
    return record;
  }

  /** Rooms with publishes or consumers. */
  get rooms(): string[] {
    return [...new Set([...this.publishes, ...this.consumers].map(({ room }) => room))];
  }
}
