/** A subscriber that sends the messages and events of one room to one WebSocket connection, as frames of docs/wire.md. */
import type { WebSocketConnection } from '../../websocket/connection.ts';
import type { CatchUpTurns } from '../catch-up-turns.ts';
import type { PresenceBatch, RoomPeople } from '../presence/room-people.ts';
import type { Position, RoomMessage, StreamStart } from '../stream.ts';
import type { Subscriber } from '../subscription.ts';
import type { RoomEvent } from '../wire.ts';
import { amendFrame, messageFrame, peopleFrame, presenceFrame } from './room-frames.ts';

/** Buffered bytes of a connection above which catching up waits. */
const busyBytes = 256 * 1024;
/** Buffered bytes at which catching up continues. */
const calmBytes = 64 * 1024;

/** Receives the signals of rooms. */
export interface SignalReceiver {
  onSignal(room: string, data: unknown): void;
}

/** One connection in one room. */
export class RoomReceiver implements Subscriber {
  readonly turns: CatchUpTurns;
  readonly #room: string;
  readonly #connection: WebSocketConnection;
  readonly #signals: SignalReceiver;

  /**
   * @param turns - Shared by all rooms of the connection.
   * @param signals - Receives the application's signals of the room.
   */
  constructor(room: string, connection: WebSocketConnection, turns: CatchUpTurns, signals: SignalReceiver) {
    this.turns = turns;
    this.#room = room;
    this.#connection = connection;
    this.#signals = signals;
  }

  deliver(message: RoomMessage, epoch: string): void {
    this.#connection.send(messageFrame(this.#room, epoch, message));
  }

  amend(message: RoomMessage, epoch: string): void {
    this.#connection.send(amendFrame(this.#room, epoch, message));
  }

  stale({ epoch, offset }: Position, count: number): void {
    this.#send({ type: 'stale', room: this.#room, epoch, after: offset, count });
  }

  ready(): Promise<void> | undefined {
    return this.#connection.bufferedAmount > busyBytes ? this.#connection.drained(calmBytes) : undefined;
  }

  dropped(after: Position, count: number, life: string): void {
    this.#send({ type: 'dropped', room: this.#room, epoch: after.epoch, after: after.offset, count, life });
  }

  reset({ epoch, top, first, life }: StreamStart): void {
    this.#send({ type: 'reset', room: this.#room, epoch, top, first, life });
  }

  signal(data: unknown): void {
    this.#signals.onSignal(this.#room, data);
  }

  people(people: RoomPeople): void {
    this.#connection.send(peopleFrame(people));
  }

  presence(batch: PresenceBatch): void {
    this.#connection.send(presenceFrame(batch));
  }

  #send(event: RoomEvent): void {
    this.#connection.send(JSON.stringify(event));
  }
}
