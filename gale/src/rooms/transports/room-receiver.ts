/** A subscriber that is one WebSocket connection: what the rooms deliver leaves as frames of docs/wire.md. */
import type { WebSocketConnection } from '../../websocket/connection.ts';
import type { CatchUpTurns } from '../catch-up-turns.ts';
import type { PresenceBatch, RoomPeople } from '../presence/room-people.ts';
import type { Position, RoomMessage, StreamHead } from '../stream.ts';
import type { Subscriber } from '../subscription.ts';
import type { RoomEvent } from '../wire.ts';
import { messageFrame, peopleFrame, presenceFrame } from './room-frames.ts';

/** While catching up, bytes that may wait in a connection before the next message waits too. */
const busyBytes = 256 * 1024;
/** And how many may be left when it goes on. */
const calmBytes = 64 * 1024;

/** Gets signals of rooms. */
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
   * @param turns - Those of the connection, for all its rooms.
   * @param signals - Gets the application's signals of the room.
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

  ready(): Promise<void> | undefined {
    return this.#connection.bufferedBytes > busyBytes ? this.#connection.drained(calmBytes) : undefined;
  }

  dropped(after: Position, count: number): void {
    this.#send({ type: 'dropped', room: this.#room, epoch: after.epoch, after: after.offset, count });
  }

  reset({ epoch, top, first }: StreamHead): void {
    this.#send({ type: 'reset', room: this.#room, epoch, top, first });
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
