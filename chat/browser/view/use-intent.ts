/** What the composer is for: a new message, a reply, or an edit, whose text replaces the draft for that time. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Chat } from '../session/chat.ts';
import { quotedIn, type Quoted } from '../state/quotes.ts';
import type { RoomState } from '../state/room-state.ts';
import type { Intent } from '../storage/intents.ts';
import { useStore } from './use-store.ts';

/** The intent of a composer. */
export interface ComposerIntent {
  readonly intent: Intent | undefined;
  /** The message that it refers to. */
  readonly quoted: Quoted | undefined;
  /** The text that the field has at first: that of an edit, or the draft. */
  readonly first: string;
  /** Whether the field shows the draft, not the text of an edit. */
  readonly isDraft: () => boolean;
  /** Stores the text of the field, as the draft or as that of the edit that the field shows. */
  readonly keep: (text: string) => void;
  readonly cancel: () => void;
}

/** The field of a composer, whose texts have the ids of mentioned people here. */
export interface ComposedText {
  readonly read: () => string;
  /** Replaces the text. */
  readonly show: (text: string) => void;
}

/** The intent of the composer of a room. */
export function useIntent(chat: Chat, room: RoomState, field: ComposedText): ComposerIntent {
  const { intents, drafts } = chat;
  const intent = useStore(intents.store).get(room.id);
  /** The message whose edit the field shows. */
  const shown = useRef(editedIn(chat, room.id));
  const keep = (text: string): void => {
    const current = intents.get(room.id);
    if (shown.current === undefined) drafts.set(room.id, text);
    else if (current?.kind === 'edit' && current.seq === shown.current) intents.keepText(room.id, text);
  };
  const latestField = useRef(field);
  latestField.current = field;
  useLayoutEffect(
    () =>
      // At once: the next key is for the new text.
      intents.store.listen(() => {
        const edited = editedIn(chat, room.id);
        if (shown.current === edited) return;
        keep(latestField.current.read());
        shown.current = edited;
        latestField.current.show(composedText(chat, room.id));
      }),
    [chat, room.id],
  );
  const quoted = intent && quotedIn(room, chat.store.value.me.id)(intent.seq);
  useLayoutEffect(() => {
    if (quoted?.state === 'loading') chat.messages.loadExcerpts(room.id, [quoted.seq]);
    // It was deleted while the page was closed.
    else if (quoted && quoted.state !== 'known') chat.messages.forgetDeleted(room.id, quoted.seq);
  }, [quoted?.state, quoted?.seq]);
  return {
    intent,
    quoted,
    first: composedText(chat, room.id),
    isDraft: () => shown.current === undefined,
    keep,
    cancel: () => intents.set(room.id, undefined),
  };
}

function editedIn({ intents }: Chat, roomId: string): number | undefined {
  const intent = intents.get(roomId);
  return intent?.kind === 'edit' ? intent.seq : undefined;
}

function composedText({ intents, drafts }: Chat, roomId: string): string {
  const intent = intents.get(roomId);
  return intent?.kind === 'edit' ? intent.text : drafts.get(roomId);
}
