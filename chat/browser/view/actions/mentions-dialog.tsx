/** The list of the messages that mention this person, newest first. */
import type { JSX } from 'preact';
import { useContext, useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { actionTranslator } from '../../../locale/actions/index.ts';
import type { MentionPlace, WireMention } from '../../../mentions/mention-wire.ts';
import type { Chat } from '../../session/chat.ts';
import { removes } from '../../session/messages.ts';
import { addressOfMessage } from '../../session/address.ts';
import type { ChatState } from '../../state/chat-state.ts';
import { shortTime } from '../../time/day.ts';
import { Avatar } from '../avatar.tsx';
import { Icon } from '../icon.tsx';
import { mentionName, PeopleContext } from '../mention.tsx';
import { PersonName } from '../person-name.tsx';
import { lineOf } from '../quote.tsx';
import { useBack } from '../use-back.ts';
import { roomName, useWords } from '../words.ts';
import '../../styles/mention-entries.css';

/** Props of {@link MentionsDialog}. */
export interface MentionsDialogProps {
  readonly chat: Chat;
  readonly rooms: ChatState['rooms'];
  readonly onClose: () => void;
}

/** Open as long as it is mounted. */
export function MentionsDialog({ chat, rooms, onClose }: MentionsDialogProps): JSX.Element {
  const { t, language } = useWords();
  const a = actionTranslator(language);
  const dialog = useRef<HTMLDialogElement>(null);
  const [mentions, setMentions] = useState<readonly WireMention[]>();
  const [next, setNext] = useState<MentionPlace | null>(null);
  const [hasFailed, setFailed] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const id = useId();
  const load = async (): Promise<void> => {
    setBusy(true);
    setFailed(false);
    try {
      const page = await chat.mentionsPage(next ?? undefined);
      setMentions((before = []) => [...before, ...page.mentions]);
      setNext(page.next);
    } catch {
      setFailed(true);
    }
    setBusy(false);
  };
  useBack(true, onClose);
  useLayoutEffect(() => {
    dialog.current!.showModal();
    return () => dialog.current?.close();
  }, []);
  useEffect(() => {
    void load();
    const { changed } = chat.messages;
    return changed.listen(() => {
      const change = changed.value!;
      const { room, seq, data } = change;
      setMentions((known) =>
        known
          ?.filter((each) => each.room !== room || !removes(change, each.seq))
          .map((each) => (each.room === room && each.seq === seq ? { ...each, text: data.text } : each)),
      );
    });
  }, []);
  return (
    <dialog
      ref={dialog}
      class="dialog mentions-dialog"
      aria-labelledby={`${id}-title`}
      onClose={onClose}
      onClick={({ target }) => {
        if (target === dialog.current) onClose();
      }}
    >
      <div class="dialog-form">
        <div class="mentions-head">
          <h2 id={`${id}-title`} class="dialog-title">
            {t('myMentions')}
          </h2>
          <button type="button" class="icon-button" aria-label={t('close')} onClick={onClose}>
            <Icon name="close" />
          </button>
        </div>
        {!mentions && !hasFailed && <p class="mentions-words">{t('loading')}</p>}
        {mentions?.length === 0 && (
          <p class="mentions-words">
            <strong>{a('noMentions')}</strong>
            <br />
            {a('noMentionsHint')}
          </p>
        )}
        {mentions && mentions.length > 0 && (
          <ul class="mention-entries">
            {mentions.map((mention) => (
              <li key={`${mention.room} ${mention.seq}`}>
                <Entry mention={mention} rooms={rooms} onOpen={onClose} />
              </li>
            ))}
          </ul>
        )}
        {hasFailed && (
          <p class="mentions-words" role="alert">
            {a('mentionsFailed')}{' '}
            <button type="button" class="link-button" onClick={() => void load()}>
              {t('retry')}
            </button>
          </p>
        )}
        {next && !hasFailed && (
          <button type="button" class="button" aria-busy={isBusy} onClick={() => void load()}>
            {a('showMorePeople')}
          </button>
        )}
      </div>
    </dialog>
  );
}

interface EntryProps {
  readonly mention: WireMention;
  readonly rooms: ChatState['rooms'];
  readonly onOpen: () => void;
}

function Entry({ mention, rooms, onOpen }: EntryProps): JSX.Element {
  const { t, language, today, timeZone } = useWords();
  const a = actionTranslator(language);
  const { find } = useContext(PeopleContext);
  const { room, seq, author, time, text, unread } = mention;
  const known = rooms.get(room);
  return (
    <a
      class={unread ? 'mention-entry mention-entry--unread' : 'mention-entry'}
      href={addressOfMessage(room, seq)}
      onClick={onOpen}
    >
      <Avatar person={author} />
      <span class="mention-entry-head">
        <bdi class="mention-entry-author">
          <PersonName person={author} />
        </bdi>
        {known && <bdi class="mention-entry-room">{roomName(known, t)}</bdi>}
        <time dateTime={new Date(time).toISOString()}>{shortTime(time, today, language, t, timeZone)}</time>
        {unread && <span class="visually-hidden">{a('unreadMention')}</span>}
      </span>
      <span class="mention-entry-text" dir="auto">
        {lineOf(text, (person) => mentionName(person, find, t))}
      </span>
    </a>
  );
}
