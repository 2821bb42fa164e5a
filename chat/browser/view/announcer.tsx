/** Announces new messages to screen readers; it is not visible. */
import type { JSX } from 'preact';
import { useContext } from 'preact/hooks';
import { toPlainText } from '../../messages/markdown/plain-text.ts';
import type { Chat } from '../session/chat.ts';
import { mentionName, PeopleContext } from './mention.tsx';
import { useStore } from './use-store.ts';
import { useWords } from './words.ts';

/** Longest part of a message that is announced, in UTF-16 units. */
const maxCharacters = 300;

/** The live region with the newest announcements. */
export function Announcer({ chat }: { chat: Chat }): JSX.Element {
  const { t } = useWords();
  const { find } = useContext(PeopleContext);
  const announcements = useStore(chat.announcements);
  const toSpoken = (text: string): string =>
    toPlainText(text.slice(0, 4 * maxCharacters), (id) => mentionName(id, find, t)).slice(0, maxCharacters);
  return (
    <div class="announcer visually-hidden" aria-live="polite" aria-relevant="additions">
      {announcements.map((announcement) => (
        <p key={announcement.key}>
          {'more' in announcement
            ? t('announceMore', { count: announcement.more })
            : t('announceMessage', { name: announcement.name, text: toSpoken(announcement.text) })}
        </p>
      ))}
    </div>
  );
}
