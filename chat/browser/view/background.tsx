/**
 * What the page does apart from the rooms: it keeps the focus, marks its icon in the tab, follows changes of other windows, refuses files, says
 * what was marked as read, sends what closed windows have not sent, refreshes rooms after a lost connection, and loads the other parts, so that
 * they are there at once, and without a connection.
 */
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect } from 'preact/hooks';
import type { Chat } from '../session/chat.ts';
import { showAppBadge } from '../session/app-badge.ts';
import { markFavicon } from '../session/favicon.ts';
import { followEdited } from '../session/follow-edited.ts';
import { followReplies } from '../session/follow-replies.ts';
import { refreshReturns } from '../session/refresh.ts';
import type { ChatState } from '../state/chat-state.ts';
import { adoptUnsent } from './adopt-unsent.ts';
import { FileRefusal } from './file-refusal.tsx';
import { keepFocus } from './keep-focus.ts';
import { dialogsPart, type LazyPart } from './lazy-part.ts';
import { actionsPart } from './load-actions.ts';
import { MarkedRead } from './marked-read.tsx';
import { UnsavedBanner } from './unsaved-banner.tsx';
import { mentionsPart } from './mentions-button.tsx';
import { languageParts } from './page-texts.ts';
import { peoplePart } from './people-panel.tsx';
import { pinsPart } from './pins-button.tsx';

/** The parts in the order of their use. */
const otherParts: readonly LazyPart<unknown>[] = [
  dialogsPart,
  actionsPart,
  peoplePart,
  mentionsPart,
  pinsPart,
  ...Object.values(languageParts),
];

/** Props of {@link Background}. */
export interface BackgroundProps {
  readonly chat: Chat;
  readonly state: ChatState;
  /** Unread messages for this person. */
  readonly forMe: number;
  /** Whether there are other unread messages. */
  readonly hasOthers: boolean;
}

/** Renders the banners. */
export function Background({ chat, state, forMe, hasOthers }: BackgroundProps): JSX.Element {
  useEffect(keepFocus, []);
  useEffect(() => adoptUnsent(chat), []);
  useEffect(() => refreshReturns(chat), []);
  useEffect(() => followEdited(chat), []);
  useEffect(() => followReplies(chat), []);
  useEffect(() => {
    // An open dialog belongs to the room before.
    const close = (): void => chat.dialog.close();
    window.addEventListener('hashchange', close);
    return () => window.removeEventListener('hashchange', close);
  }, []);
  useEffect(() => void loadInTurn(otherParts), []);
  // Another window may have chosen it. The style of Chinese text depends on it.
  useLayoutEffect(() => {
    document.documentElement.lang = state.language;
  }, [state.language]);
  useEffect(() => {
    markFavicon(forMe > 0 ? 'for-me' : hasOthers ? 'others' : undefined);
    showAppBadge(forMe, hasOthers);
  }, [forMe, hasOthers]);
  return (
    <>
      <UnsavedBanner state={state} />
      <FileRefusal />
      <MarkedRead chat={chat} />
    </>
  );
}

/** One after the other, so that the messages of the person do not wait. A part that fails is loaded when it is used. */
async function loadInTurn(parts: readonly LazyPart<unknown>[]): Promise<void> {
  for (const part of parts) await part.load();
}
