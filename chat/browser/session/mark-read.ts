/** Marks all rooms as read, with an undo for a few seconds, also for a room whose newest message the person has jumped to. */
import type { ChatCommands } from '../../wire.ts';
import { updateRoom, type ChatState } from '../state/chat-state.ts';
import { setRead, unreadCount } from '../state/reading.ts';
import { Store } from '../state/store.ts';

/** How long the undo is offered, in milliseconds. */
const undoMs = 10_000;

type Positions = ChatCommands['set-read']['fields']['positions'];

/** What a {@link MarkRead} uses. */
export interface MarkReadParts {
  readonly store: Store<ChatState>;
  readonly call: (type: 'set-read', fields: ChatCommands['set-read']['fields']) => Promise<object>;
  /** Called for each room whose position is set. */
  readonly onSet: (roomId: string) => void;
}

export class MarkRead {
  /** The positions before, while the undo is offered. */
  readonly before: Store<Positions | undefined> = new Store<Positions | undefined>(undefined);
  readonly #parts: MarkReadParts;

  constructor(parts: MarkReadParts) {
    this.#parts = parts;
  }

  /** Marks all messages of all rooms as read. */
  all(): void {
    const { rooms, me } = this.#parts.store.value;
    const unread = [...rooms.values()].filter((room) => unreadCount(room, me.id) > 0);
    if (unread.length === 0) return;
    const before = unread.map(({ id, readSeq }) => ({ room: id, seq: readSeq }));
    this.#set(
      unread.map(({ id, topSeq }) => ({ room: id, seq: topSeq })),
      before,
    );
    this.offerUndo(before);
  }

  /** Offers to make messages unread again, for a few seconds. @param before - The positions before they were read. */
  offerUndo(before: Positions): void {
    this.before.update(() => before);
    setTimeout(() => this.before.update((shown) => (shown === before ? undefined : shown)), undoMs);
  }

  /** Makes those messages unread again. */
  undo(): void {
    const { rooms } = this.#parts.store.value;
    const before = this.before.value ?? [];
    this.#set(
      before,
      before.map(({ room }) => ({ room, seq: rooms.get(room)?.readSeq ?? 0 })),
    );
    this.before.update(() => undefined);
  }

  /** Sets positions at once, and back if the server refuses them. */
  #set(positions: Positions, otherwise: Positions): void {
    this.#apply(positions);
    this.#parts.call('set-read', { positions }).catch(() => {
      this.before.update(() => undefined);
      this.#apply(otherwise);
    });
  }

  #apply(positions: Positions): void {
    for (const { room } of positions) this.#parts.onSet(room);
    this.#parts.store.update((state) =>
      positions.reduce((next, { room, seq }) => updateRoom(next, room, (known) => setRead(known, seq)), state),
    );
  }
}
