/** A subscriber that writes down all it is told, and finds what must not happen to a stream. */
import assert from 'node:assert/strict';
import type { Person, Position, RoomMessage, StreamHead, Subscriber } from 'gale';

/** One line of the record. */
export type Told =
  | { readonly message: RoomMessage; readonly epoch: string }
  | { readonly dropped: number; readonly after: Position }
  | { readonly reset: StreamHead };

/** Records a stream. */
export class RecordingSubscriber implements Subscriber {
  readonly told: Told[] = [];
  readonly signals: unknown[] = [];
  readonly changes: string[] = [];
  here: string[] | undefined;
  /** Given, it is what `ready` answers: a slow reader. */
  wait: (() => Promise<void> | undefined) | undefined;

  deliver(message: RoomMessage, epoch: string): void {
    this.told.push({ message, epoch });
  }

  ready(): Promise<void> | undefined {
    return this.wait?.();
  }

  dropped(after: Position, count: number): void {
    this.told.push({ dropped: count, after });
  }

  reset(start: StreamHead): void {
    this.told.push({ reset: start });
  }

  signal(data: unknown): void {
    this.signals.push(data);
  }

  people(people: readonly Person[]): void {
    assert.equal(this.here, undefined, 'people are told once');
    this.here = people.map(({ id }) => id);
  }

  presence(change: 'enter' | 'leave', person: Person, count: number): void {
    assert.ok(this.here, 'people are told before changes');
    this.changes.push(`${change} ${person.id} ${count}`);
  }

  /** Offsets of all messages, in the order they came. */
  get offsets(): number[] {
    return this.told.flatMap((line) => ('message' in line ? [line.message.offset] : []));
  }

  /** Offset of the last message; 0 before the first. */
  get last(): number {
    return this.offsets.at(-1) ?? 0;
  }

  /** Fails unless every offset behind `after` came once and in order, but for those that were said to be dropped. */
  assertWhole(after = 0): void {
    let offset = after;
    for (const line of this.told) {
      if ('message' in line) assert.equal(line.message.offset, ++offset, `after ${offset - 1}`);
      else if ('dropped' in line) {
        assert.equal(line.after.offset, offset);
        offset += line.dropped;
      } else offset = line.reset.first - 1;
    }
  }
}

/** The offsets from `first` to `last`. */
export function offsetsFrom(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
