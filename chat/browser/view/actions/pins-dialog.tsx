/** The list of the pinned messages of a room, the newest pin first. */
import type { JSX } from 'preact';
import { useContext, useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { actionTranslator } from '../../../locale/actions/index.ts';
import type { WireExcerpt } from '../../../wire.ts';
import type { Chat } from '../../session/chat.ts';
import { removes } from '../../session/messages.ts';
import { shortTime } from '../../time/day.ts';
import { Avatar } from '../avatar.tsx';
import { LateIcon } from '../late-icon.tsx';
import { mentionName, PeopleContext } from '../mention.tsx';
import { NoticeBar } from '../notice-bar.tsx';
import { PersonName } from '../person-name.tsx';
import { lineOf } from '../quote.tsx';
import { useBack } from '../use-back.ts';
import { useStore } from '../use-store.ts';
import { useWords } from '../words.ts';
import '../../styles/pins.css';

/** Props of {@link PinsDialog}. */
export interface PinsDialogProps {
  readonly chat: Chat;
  readonly roomId: string;
  readonly canPin: boolean;
  /** Goes to a message of the room. */
  readonly onOpen: (seq: number) => void;
  readonly onClose: () => void;
}

/** Open as long as it is mounted. */
export function PinsDialog({ chat, roomId, canPin, onOpen, onClose }: PinsDialogProps): JSX.Element {
  const words = useWords();
  const t = actionTranslator(words.language);
  const { find } = useContext(PeopleContext);
  const dialog = useRef<HTMLDialogElement>(null);
  const [pins, setPins] = useState<readonly WireExcerpt[]>();
  const [hasFailed, setFailed] = useState(false);
  // The place of notices above the composer is behind the dialog, where nothing is announced.
  const notice = useStore(chat.messages.notice);
  const [earlier] = useState(notice);
  const id = useId();
  const load = (): void => {
    setFailed(false);
    chat.messages.pins(roomId).then(setPins, () => setFailed(true));
  };
  useBack(true, onClose);
  useLayoutEffect(() => {
    dialog.current!.showModal();
    return () => dialog.current?.close();
  }, []);
  useEffect(() => {
    load();
    const { changed } = chat.messages;
    return changed.listen(() => {
      const change = changed.value!;
      const { room, seq, data } = change;
      if (room !== roomId) return;
      // At once: a deleted text must not stay, also if the list cannot be loaded.
      setPins((known) =>
        known
          ?.filter((pin) => !removes(change, pin.seq))
          .map((pin) => (pin.seq === seq ? { ...pin, text: data.text } : pin)),
      );
      load();
    });
  }, []);
  return (
    <dialog
      ref={dialog}
      class="dialog pins"
      aria-labelledby={`${id}-title`}
      onClose={onClose}
      onClick={({ target }) => {
        if (target === dialog.current) onClose();
      }}
    >
      <div class="dialog-form">
        <div class="pins-head">
          <h2 id={`${id}-title`} class="dialog-title">
            {words.t('pinnedMessages')}
          </h2>
          <button type="button" class="icon-button" aria-label={words.t('close')} onClick={onClose}>
            <LateIcon name="close" />
          </button>
        </div>
        <div role="status">{notice && notice !== earlier && <NoticeBar notice={notice} />}</div>
        {hasFailed && (
          <p class="pins-words" role="alert">
            {t('pinsFailed')}{' '}
            <button type="button" class="link-button" onClick={load}>
              {words.t('retry')}
            </button>
          </p>
        )}
        {!pins && !hasFailed && <p class="pins-words">{words.t('loading')}</p>}
        {pins?.length === 0 && (
          <p class="pins-words">
            <strong>{t('noPins')}</strong>
            <br />
            {t('noPinsHint')}
          </p>
        )}
        {pins && pins.length > 0 && (
          <ul class="pins-list">
            {pins.map(({ seq, author, time, text }) => (
              <li key={seq} class="pin">
                <button
                  type="button"
                  class="pin-message"
                  title={t('goToMessage')}
                  onClick={() => {
                    onClose();
                    onOpen(seq);
                  }}
                >
                  <Avatar person={author} />
                  <span class="pin-head">
                    <bdi class="pin-author">
                      <PersonName person={author} />
                    </bdi>
                    <time dateTime={new Date(time).toISOString()}>
                      {shortTime(time, words.today, words.language, words.t, words.timeZone)}
                    </time>
                  </span>
                  <span class="pin-text" dir="auto">
                    {lineOf(text, (person) => mentionName(person, find, words.t))}
                  </span>
                </button>
                {canPin && (
                  <button
                    type="button"
                    class="icon-button"
                    aria-label={t('unpin')}
                    title={t('unpin')}
                    onClick={() => void chat.messages.pin(roomId, seq, false).then(load)}
                  >
                    <LateIcon name="unpin" />
                  </button>
                )}
              </li>
            ))}
          </ul>
        )}
      </div>
    </dialog>
  );
}
