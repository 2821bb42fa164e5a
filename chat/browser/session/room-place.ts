/** Where the open room is scrolled to: its place when it opens, jumps to messages, and the places where rooms were left. */
import { updateRoom, type ChatState } from '../state/chat-state.ts';
import { placeOf, targetOf } from '../state/reading.ts';
import type { RoomState, ViewPlace } from '../state/room-state.ts';
import { isShown, showNewest } from '../state/timeline-window.ts';
import type { Store } from '../state/store.ts';
import type { Places } from '../storage/places.ts';
import type { TimelineLoader } from './timeline-loader.ts';

/** What a {@link RoomPlace} uses. */
export interface RoomPlaceParts {
  readonly store: Store<ChatState>;
  readonly loader: TimelineLoader;
  readonly places: Places;
  /** A message to which the person wants to go cannot be shown. */
  readonly onMissing: (code: 'CHAT_MESSAGE_UNKNOWN' | 'ROOM_CONNECTION_LOST') => void;
}

/** The place in the open room. */
export class RoomPlace {
  readonly #parts: RoomPlaceParts;
  /** Where the open room should be. */
  #wanted: ViewPlace | undefined;
  /** The room whose messages were marked as unread before a reload. */
  #held: string | undefined;
  /** The room whose place is being loaded. */
  #preparing: string | undefined;

  constructor(parts: RoomPlaceParts) {
    this.#parts = parts;
    this.#held = parts.places.held;
    parts.store.listen(() => {
      this.#prepare();
      this.#keepHeld();
    });
  }

  /** A room is about to open: at a message, or else where the person left it. */
  want(roomId: string | undefined, seq: number | undefined): void {
    this.#wanted = seq === undefined ? this.#parts.places.get(roomId ?? '') : { kind: 'message', seq };
  }

  /** Whether the place of the room that opens is among its messages. */
  isIn(room: RoomState): boolean {
    return placeOf(room, this.#wanted) !== undefined;
  }

  /** Scrolls the open room to a message, which is loaded if it is not shown. */
  async goToMessage(roomId: string, seq: number): Promise<void> {
    const { store, loader } = this.#parts;
    const room = store.value.rooms.get(roomId);
    if (!room?.view) return;
    if (!isShown(room, seq) && !(await loader.around(roomId, seq))) {
      this.#noteMissing();
      return;
    }
    this.#set(roomId, { kind: 'message', seq });
  }

  /** Shows the newest messages of the open room, and scrolls to the end. */
  goToNewest(roomId: string): void {
    this.#update(roomId, showNewest);
    this.#set(roomId, { kind: 'end' });
  }

  /** Sets whether the newest message of the open room is on screen. */
  setAtEnd(roomId: string, isAtEnd: boolean): void {
    this.#update(roomId, (room) => {
      if (!room.view || room.view.isAtEnd === isAtEnd) return room;
      return { ...room, view: { ...room.view, isAtEnd } };
    });
  }

  /** Remembers where a room was left; undefined at its end. */
  leaveAt(roomId: string, place: ViewPlace | undefined): void {
    this.#parts.places.set(roomId, place);
  }

  /** Gives the open room its place, and first loads that part of the history if it is not in memory. */
  #prepare(): void {
    const { store, loader } = this.#parts;
    const { rooms, openRoom = '' } = store.value;
    const room = rooms.get(openRoom);
    if (!room?.isLoaded || !room.view || room.view.place || this.#preparing === openRoom) return;
    const wanted = this.#wanted;
    const place = placeOf(room, wanted);
    if (place) {
      this.#set(openRoom, place);
      return;
    }
    const seq = targetOf(room, wanted);
    this.#preparing = openRoom;
    void loader.around(openRoom, seq ?? room.topSeq).then(() => {
      this.#preparing = undefined;
      const now = store.value.rooms.get(openRoom);
      if (!now?.view || now.view.place) return;
      const found = placeOf(now, wanted);
      if (!found && wanted?.kind === 'message' && wanted.topPx === undefined) this.#noteMissing();
      // Without a connection, or if it is gone, the newest messages are shown.
      this.#set(openRoom, found ?? { kind: 'end' });
    });
  }

  #noteMissing(): void {
    const isOpen = this.#parts.store.value.connection.state === 'open';
    this.#parts.onMissing(isOpen ? 'CHAT_MESSAGE_UNKNOWN' : 'ROOM_CONNECTION_LOST');
  }

  #set(roomId: string, place: ViewPlace): void {
    // The room was open before a reload.
    const isHeld = this.#held === roomId;
    this.#held = undefined;
    this.#update(roomId, (room) => {
      const { view } = room;
      return view ? { ...room, view: { ...view, place, isHeld: isHeld || view.isHeld } } : room;
    });
  }

  /** Remembers for a reload whether the person has marked messages of the open room as unread. */
  #keepHeld(): void {
    const { places, store } = this.#parts;
    const { rooms, openRoom } = store.value;
    const view = openRoom === undefined ? undefined : rooms.get(openRoom)?.view;
    if (openRoom === undefined) places.hold(undefined);
    else if (view?.place) places.hold(view.isHeld ? openRoom : undefined);
  }

  #update(roomId: string, change: (room: RoomState) => RoomState): void {
    this.#parts.store.update((state) => updateRoom(state, roomId, change));
  }
}
