/** Loads parts of the history into the open room: older and newer messages, or those around one. */
import type { ChatCommands, HistoryCommands } from '../../wire.ts';
import { updateRoom, type ChatState } from '../state/chat-state.ts';
import type { RoomState } from '../state/room-state.ts';
import type { Store } from '../state/store.ts';
import {
  addNewer,
  addOlder,
  applySegments,
  hasOlder,
  shownMessages,
  showPart,
  type HistoryPage,
} from '../state/timeline-window.ts';
import { inNextFrame } from './next-frame.ts';

/** Messages of a page that are added in one frame. The whole page at once would be a task of more than 50 ms. */
const messagesPerFrame = 8;
/** Wait after a failure, or a page without anything new, in milliseconds. */
const retryMs = 1000;

type Reply = HistoryCommands['read-history']['reply'];

/** What a {@link TimelineLoader} uses. */
export interface TimelineLoaderParts {
  readonly store: Store<ChatState>;
  readonly call: (
    type: 'read-history',
    fields: ChatCommands['read-history']['fields'],
  ) => Promise<ChatCommands['read-history']['reply']>;
}

export class TimelineLoader {
  readonly #parts: TimelineLoaderParts;
  /** Directions that are being loaded, or wait after a failure. */
  readonly #busy = new Set<string>();

  constructor(parts: TimelineLoaderParts) {
    this.#parts = parts;
  }

  /** Loads messages before the shown ones, if there are any. */
  older(roomId: string): void {
    const room = this.#room(roomId);
    if (!room || !hasOlder(room)) return;
    const before = shownMessages(room)[0]?.seq;
    this.#load(`older ${roomId}`, { room: roomId, ...(before === undefined ? {} : { before }) }, addOlder);
  }

  /** Loads messages after the shown ones, if the newest are not shown. */
  newer(roomId: string): void {
    const room = this.#room(roomId);
    const after = room?.past.at(-1)?.seq;
    if (!room?.isDetached || after === undefined) return;
    this.#load(`newer ${roomId}`, { room: roomId, after }, addNewer);
  }

  /**
   * Shows the messages around one, if the room has it.
   *
   * @returns Whether it is shown.
   */
  async around(roomId: string, seq: number): Promise<boolean> {
    try {
      const page = await this.#parts.call('read-history', { room: roomId, around: seq });
      if (!page.messages.some((message) => message.seq === seq)) return false;
      this.#update(roomId, (room) => showPart(withNumbers(room, page), page));
      return true;
    } catch {
      return false;
    }
  }

  #load(
    key: string,
    fields: ChatCommands['read-history']['fields'],
    add: (room: RoomState, page: HistoryPage) => RoomState,
  ): void {
    if (this.#busy.has(key)) return;
    this.#busy.add(key);
    const shownBefore = this.#shown(fields.room);
    const end = (): void => {
      this.#busy.delete(key);
      // The next render asks again if it is still needed.
      this.#parts.store.update((state) => ({ ...state }));
    };
    this.#parts.call('read-history', fields).then(
      (page) =>
        this.#add(fields.room, shownBefore, page, add, (hasAdded) => {
          if (hasAdded) end();
          else setTimeout(end, retryMs);
        }),
      () => setTimeout(end, retryMs),
    );
  }

  /** Adds a page, some messages in each frame: those next to the shown ones first. */
  #add(
    roomId: string,
    shownBefore: string,
    page: Reply,
    add: (room: RoomState, page: HistoryPage) => RoomState,
    onEnd: (hasAdded: boolean) => void,
  ): void {
    const rest = [...page.messages];
    let shown = shownBefore;
    const addSome = (): void => {
      // The person may have jumped elsewhere meanwhile.
      const isCurrent = this.#shown(roomId) === shown;
      const messages = add === addOlder ? rest.splice(-messagesPerFrame) : rest.splice(0, messagesPerFrame);
      this.#update(roomId, (room) => {
        const numbered = withNumbers(room, page);
        return isCurrent ? add(numbered, { messages, first: page.first }) : numbered;
      });
      shown = this.#shown(roomId);
      if (isCurrent && rest.length > 0) inNextFrame(addSome);
      else onEnd(shown !== shownBefore);
    };
    addSome();
  }

  /** Changes when another part is shown, or the numbers are known. */
  #shown(roomId: string): string {
    const room = this.#room(roomId);
    if (!room) return '';
    const [first] = shownMessages(room);
    return `${room.isDetached} ${first?.id} ${room.isDetached ? room.past.at(-1)?.id : ''}`;
  }

  #room(roomId: string): RoomState | undefined {
    return this.#parts.store.value.rooms.get(roomId);
  }

  #update(roomId: string, change: (room: RoomState) => RoomState): void {
    this.#parts.store.update((state) => updateRoom(state, roomId, change));
  }
}

function withNumbers(room: RoomState, { epoch, segments }: Reply): RoomState {
  return segments.length > 0 ? applySegments(room, epoch, segments) : room;
}
