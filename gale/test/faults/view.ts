/**
 * Replays what one consumer saw of one room by the rules of docs/wire.md §7, and collects what breaks them.
 * The view is what a person would see at the end: the messages of one epoch, in order.
 */
import type { ConsumerEvent, ConsumerRecord } from './history.ts';
import type { Violation } from './violation.ts';

type Event<Kind extends ConsumerEvent['kind']> = Extract<ConsumerEvent, { kind: Kind }>;

/** A range of offsets that were announced as no longer kept: after `after`, up to `to`. */
export interface AnnouncedRange {
  readonly epoch: string;
  readonly after: number;
  readonly to: number;
}

/** The view of one consumer. */
export class View {
  readonly violations: Violation[] = [];
  /** Ids by offset, in the current epoch. */
  readonly ids: Map<number, string> = new Map<number, string>();
  /** Ids of all messages that it ever got, in any epoch. */
  readonly everSeen: Set<string> = new Set<string>();
  readonly ranges: AnnouncedRange[] = [];
  /** Epochs that were discarded after a reset. */
  readonly discarded: Set<string> = new Set<string>();
  /** Number of messages that it got, repeats included. */
  delivered = 0;
  repeated = 0;
  epoch: string | undefined;
  /** Offset of the last message applied or announced as dropped. */
  offset = 0;
  /** Offset after which the view begins. */
  begin = 0;
  readonly #seen = new Map<string, number>();
  readonly #record: ConsumerRecord;

  constructor(record: ConsumerRecord) {
    this.#record = record;
    for (const event of record.events) this.#apply(event);
  }

  /** Whether an offset of an epoch is in a range that was announced as no longer kept. */
  isAnnounced(epoch: string, offset: number): boolean {
    return this.ranges.some((range) => range.epoch === epoch && offset > range.after && offset <= range.to);
  }

  #apply(event: ConsumerEvent): void {
    switch (event.kind) {
      case 'subscribed':
        return this.#record.kind === 'wire' ? this.#subscribed(event) : this.#firstSubscribed(event);
      case 'message':
        return this.#message(event);
      case 'dropped':
        return this.#dropped(event);
      case 'reset':
        return this.#restart(event.epoch, event.first - 1);
      case 'lost':
        return undefined;
      default:
        return event satisfies never;
    }
  }

  #firstSubscribed({ epoch, after }: Event<'subscribed'>): void {
    if (this.epoch !== undefined) return;
    this.epoch = epoch;
    this.offset = after?.offset ?? 0;
    this.begin = this.offset;
  }

  #subscribed(event: Event<'subscribed'>): void {
    const { after, epoch, first, top, dropped, recovered, reset } = event;
    const shown = JSON.stringify(event);
    if (recovered !== (dropped === 0 && !reset) && after) {
      this.#add('I4', `recovered must be true only without reset and without dropped messages: ${shown}`);
    }
    if (reset && !after) this.#add('I4', `reset without a position: ${shown}`);
    if (after && !reset && (after.epoch !== epoch || after.offset > top)) {
      this.#add('I4', `a position of another epoch or ahead of the stream was accepted: ${shown}`);
    }
    const from = reset || !after ? 0 : after.offset;
    if (dropped !== Math.max(0, first - 1 - from)) this.#add('I5', `dropped is not the exact count: ${shown}`);
    if (reset || !after) this.#restart(epoch, first - 1);
    else {
      this.epoch ??= epoch;
      if (this.ids.size === 0 && this.begin === 0) this.begin = after.offset;
      // Messages of the replaced subscription arrive again.
      for (const [offset, id] of this.ids) {
        if (offset <= after.offset) continue;
        this.ids.delete(offset);
        this.#seen.delete(id);
      }
      this.offset = after.offset;
      if (dropped > 0) this.#skip(epoch, after.offset, dropped);
    }
  }

  #message({ epoch, offset, id }: Event<'message'>): void {
    this.delivered += 1;
    this.everSeen.add(id);
    if (this.epoch !== epoch) {
      this.#add('I4', `message ${id} of epoch ${epoch} without a reset from ${this.epoch}`);
      this.#restart(epoch, offset - 1);
    } else if (offset <= this.offset) {
      this.repeated += 1;
      this.#add('I2', `offset ${offset} (${id}) arrived after offset ${this.offset}`);
      return;
    } else if (offset > this.offset + 1) {
      this.#add('I4', `a hole without an announcement: offset ${offset} (${id}) after offset ${this.offset}`);
    }
    const earlier = this.#seen.get(id);
    if (earlier !== undefined) {
      this.repeated += 1;
      this.#add('I2', `message ${id} arrived twice: offsets ${earlier} and ${offset}`);
    }
    this.offset = offset;
    this.ids.set(offset, id);
    this.#seen.set(id, offset);
  }

  #dropped({ epoch, after, count }: Event<'dropped'>): void {
    if (epoch !== this.epoch || after !== this.offset) {
      this.#add('I4', `dropped after ${after} of ${epoch}, but the position is ${this.offset} of ${this.epoch}`);
    }
    this.#skip(epoch, after, count);
  }

  #skip(epoch: string, after: number, count: number): void {
    this.ranges.push({ epoch, after, to: after + count });
    this.offset = after + count;
  }

  #restart(epoch: string, offset: number): void {
    if (this.epoch !== undefined) this.discarded.add(this.epoch);
    this.ids.clear();
    this.#seen.clear();
    this.epoch = epoch;
    this.offset = offset;
    this.begin = offset;
  }

  #add(invariant: Violation['invariant'], text: string): void {
    this.violations.push({ invariant, text: `${this.#record.name} in ${this.#record.room}: ${text}` });
  }
}
