/** The newest message of a room and its time, for the list of rooms. */
import type { JSX } from 'preact';
import { useContext } from 'preact/hooks';
import { toPlainText, type NameOf } from '../../messages/markdown/plain-text.ts';
import type { ChatMessage, RoomState } from '../state/room-state.ts';
import { shortTime } from '../time/day.ts';
import { deletedText } from './deleted-text.ts';
import { currentName, mentionName, PeopleContext } from './mention.tsx';
import { useWords } from './words.ts';

/** Characters of a message that are shown at most. The line is cut at its width before. */
const maxCharacters = 120;

/** The shown lines. A list renders again at each event of the server, and parses no message twice. */
const lines = new WeakMap<ChatMessage, string>();

/** Renders the line and the time. */
export function NewestMessage({ room, me }: { room: RoomState; me: string }): JSX.Element {
  const { t, language, today, timeZone } = useWords();
  const { find } = useContext(PeopleContext);
  const message = room.messages.at(-1);
  if (!message) return <span class="room-link-line">{room.isLoaded && room.top === 0 ? t('noMessages') : ''}</span>;
  const isMine = message.author.id === me;
  const deleted = deletedText(message, t);
  const text = deleted ?? lineOf(message, (id) => mentionName(id, find, t));
  // The name of a conversation of two, or of a note to oneself, says who wrote.
  const hasName = message.data.deleted?.recalled ?? (!deleted && room.about.people.length !== (isMine ? 1 : 2));
  const name = isMine ? t('you') : currentName(message.author, find, t);
  const line = hasName ? t('announceMessage', { name, text }) : text;
  return (
    <>
      <span class="room-link-line">{line}</span>
      <time class="room-link-time" dateTime={new Date(message.time).toISOString()}>
        {shortTime(message.time, today, language, t, timeZone)}
      </time>
    </>
  );
}

function lineOf(message: ChatMessage, nameOf: NameOf): string {
  let line = lines.get(message);
  if (line === undefined) {
    const text = message.data.text.slice(0, 4 * maxCharacters);
    line = toPlainText(text, nameOf).replaceAll(/\s+/g, ' ').slice(0, maxCharacters);
    // Names can change.
    if (!text.includes('<@')) lines.set(message, line);
  }
  return line;
}
