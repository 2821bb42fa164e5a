/**
 * Helpers of the shared cases: unused rooms, people and entries, and a listener that records what it receives.
 */
import assert from 'node:assert/strict';
import type { Broker, BrokerListener, Lease, PublishOptions, ReadLimit } from '../../../../src/rooms/broker.ts';
import type { Entry, Person, RoomMessage } from '../../../../src/rooms/stream.ts';

/** Argument of each group of cases. */
export interface Suite {
  readonly broker: Broker;
  /** Lets time pass on the clock of the broker. */
  passTime(ms: number): Promise<void>;
}

/** Options of the rooms. */
export const usual: PublishOptions = { historyCount: 100, dedupeMs: 60_000, dedupeCount: 256 };
/** A duration longer than any test. */
export const long = 600_000;
/** A duration that is over after `passTime(more)`. */
export const brief = 1;
export const more = 3;

let counter = 0;

/** An unused room. */
export function someRoom(): string {
  return `room ${++counter} of ${process.pid}`;
}

/** A person with this id. */
export function person(id: string): Person {
  return { id, name: id.toUpperCase() };
}

/** An entry with an unused id. */
export function someEntry(authorId: string = 'ann', data: unknown = { text: `text ${counter}` }): Entry {
  return { id: `id-${++counter}`, author: person(authorId), data };
}

/** Waits until a check passes. Fails with its last error after 10 seconds. */
export async function eventually(check: () => unknown): Promise<void> {
  const end = performance.now() + 10_000;
  for (;;) {
    try {
      if ((await check()) !== false) return;
      if (performance.now() > end) assert.fail(`still not so after 10 seconds: ${String(check)}`);
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

/** Records what it receives. */
export class Recorder implements BrokerListener {
  readonly messages: { epoch: string; message: RoomMessage }[] = [];
  readonly amendments: { epoch: string; message: RoomMessage }[] = [];
  readonly signals: unknown[] = [];
  doubts = 0;

  get offsets(): number[] {
    return this.messages.map(({ message }) => message.offset);
  }

  onMessage(epoch: string, message: RoomMessage): void {
    this.messages.push({ epoch, message });
  }

  onAmend(epoch: string, message: RoomMessage): void {
    this.amendments.push({ epoch, message });
  }

  onSignal(data: unknown): void {
    this.signals.push(data);
  }

  onDoubt(): void {
    this.doubts++;
  }
}

/** 1 to `count`, or `from` to it. */
export function upTo(count: number, from: number = 1): number[] {
  return Array.from({ length: count - from + 1 }, (_, index) => from + index);
}

/** A limit in messages only. */
export function atMost(count: number): ReadLimit {
  return { count, bytes: Number.MAX_SAFE_INTEGER };
}

/** A lease of a person with this id. */
export function lease(room: string, personId: string, connection: string): Lease {
  return { room, person: person(personId), connection };
}

/** Offsets of everything a room keeps. */
export async function keptIn(broker: Broker, room: string): Promise<number[]> {
  return (await broker.read(room, 0, atMost(1000))).messages.map(({ offset }) => offset);
}

/** Ids of the people in a room. */
export async function peopleIn(broker: Broker, room: string): Promise<string[]> {
  return (await broker.presence.list(room)).map(({ id }) => id);
}
