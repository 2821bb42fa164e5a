/** What reactions and quotes in the rows of a room do, and the loading of quoted messages that the page does not have. */
import { useEffect, useMemo } from 'preact/hooks';
import type { Chat } from '../session/chat.ts';
import type { TimelineItem } from '../state/timeline-layout.ts';
import type { MessageDeeds } from './message-row.tsx';

/** @param goTo - Goes to a message of the room by its number. */
export function useDeeds(
  chat: Chat,
  roomId: string,
  me: string,
  items: readonly TimelineItem[],
  goTo: (seq: number) => void,
): MessageDeeds {
  useEffect(() => {
    const missing = items.flatMap((item) =>
      item.kind === 'message' && item.quoted?.state === 'loading' ? [item.quoted.seq] : [],
    );
    // The newest first: they are on screen at the end of the room.
    if (missing.length > 0) chat.messages.loadExcerpts(roomId, [...new Set(missing.toReversed())]);
  }, [items]);
  return useMemo(
    () => ({
      me,
      onReact: (seq, emoji) => void chat.messages.toggleReaction(roomId, seq, emoji),
      onNames: async (seq, emoji) => namesOf(await chat.messages.whoReacted(roomId, seq, emoji), chat),
      onOpen: goTo,
    }),
    [chat, roomId, me],
  );
}

/** The names of people who reacted, as one text. */
export function namesOf(
  { people, count }: Awaited<ReturnType<Chat['messages']['whoReacted']>>,
  { store }: Chat,
): string {
  const { language } = store.value;
  const names = people.map(({ name }) => name);
  if (count > names.length) names.push(`+${count - names.length}`);
  return new Intl.ListFormat(language, { type: 'conjunction' }).format(names);
}
