/** A subscriber that records all events and checks the order of a stream. */
import assert from 'node:assert/strict';
import type { Person } from 'gale';
import type { Position, PresenceBatch, RoomMessage, RoomPeople, StreamStart, Subscriber } from 'gale/rooms';

/** One recorded event. */
export type StreamEvent =
  | { readonly message: RoomMessage; readonly epoch: string }
  | { readonly dropped: number; readonly after: Position }
  | { readonly reset: StreamStart };

/** Records a stream. */
export class RecordingSubscriber implements Subscriber {
  readonly events: StreamEvent[] = [];
  /** Amended messages, in order of delivery. */
  readonly amended: RoomMessage[] = [];
  /** Offsets of messages that may have amendments which are not delivered. */
  readonly outdated: Set<number> = new Set<number>();
  readonly signals: unknown[] = [];
  /** One string for each batch: `+ada -ben 2`, or the count alone. */
  readonly changes: string[] = [];
  /** Ids in the last list. */
  here: string[] | undefined;
  /** One string for each list: `ada ben 2`, or the count alone. */
  readonly lists: string[] = [];
  /** Result of `ready`, for a slow reader. */
  wait: (() => Promise<void> | undefined) | undefined;

  deliver(message: RoomMessage, epoch: string): void {
    this.events.push({ message, epoch });
  }

  amend(message: RoomMessage): void {
    this.amended.push(message);
  }

  stale({ offset }: Position, count: number): void {
    for (const stale of offsetsFrom(offset + 1, offset + count)) this.outdated.add(stale);
  }

  ready(): Promise<void> | undefined {
    return this.wait?.();
  }

  dropped(after: Position, count: number): void {
    this.events.push({ dropped: count, after });
  }

  reset(start: StreamStart): void {
    this.events.push({ reset: start });
  }

  signal(data: unknown): void {
    this.signals.push(data);
  }

  people({ count, people }: RoomPeople): void {
    if (people) assert.equal(people.length, count);
    this.here = people?.map(({ id }) => id);
    this.lists.push([...(this.here ?? []), count].join(' '));
  }

  presence({ entered, left, count }: PresenceBatch): void {
    assert.notEqual(this.lists.length, 0, 'the list comes before changes');
    this.changes.push([...signed('+', entered), ...signed('-', left), count].join(' '));
  }

  /** Offsets of all messages, in order of delivery. */
  get offsets(): number[] {
    return this.events.flatMap((event) => ('message' in event ? [event.message.offset] : []));
  }

  /** Offset of the last message; 0 before the first. */
  get last(): number {
    return this.offsets.at(-1) ?? 0;
  }

  /** What a reader of this stream shows now: the data of each message by its offset, with the newest version. */
  get shown(): Map<number, unknown> {
    const shown = new Map<number, { data: unknown; version: number }>();
    const messages = this.events.flatMap((event) => ('message' in event ? [event.message] : []));
    for (const { offset, data, version = 0 } of [...messages, ...this.amended]) {
      if (version >= (shown.get(offset)?.version ?? 0)) shown.set(offset, { data, version });
    }
    return new Map([...shown].map(([offset, { data }]) => [offset, data]));
  }

  /** Fails unless every offset after `after` was delivered once and in order, except those reported as dropped. */
  assertWhole(after = 0): void {
    let offset = after;
    for (const event of this.events) {
      if ('message' in event) assert.equal(event.message.offset, ++offset, `after ${offset - 1}`);
      else if ('dropped' in event) {
        assert.equal(event.after.offset, offset);
        offset += event.dropped;
      } else offset = event.reset.first - 1;
    }
  }
}

function signed(sign: string, people: readonly Person[] = []): string[] {
  return people.map(({ id }) => sign + id);
}

/** The offsets from `first` to `last`. */
export function offsetsFrom(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
