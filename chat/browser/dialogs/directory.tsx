/** The directory: all public rooms with topic, size and last activity, in pages, with search. */
import type { JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { WireListedRoom } from '../../rooms/wire-rooms.ts';
import { shortTime } from '../time/day.ts';
import { Icon } from '../view/icon.tsx';
import { Modal } from '../view/modal.tsx';
import { useRequest } from '../view/use-request.ts';
import { DialogHead } from './dialog-head.tsx';
import { useDialogWords } from './dialog-words.ts';
import type { DialogProps } from './room-dialogs.tsx';

/** Time between the last input and the question to the server, in milliseconds. */
const askAfterMs = 150;

interface Found {
  readonly query: string;
  readonly rooms: readonly WireListedRoom[];
  readonly next: string | undefined;
}

/** Renders the dialog. */
export function DirectoryDialog({ chat, state, onClose }: DialogProps): JSX.Element {
  const { t, d, refusal } = useDialogWords();
  const [query, setQuery] = useState('');
  const [found, setFound] = useState<Found>();
  const { run, forget, isBusy, error } = useRequest(chat);
  const id = useId();

  /** The newest question. Results of older ones are ignored. */
  const question = useRef({});
  const load = async (before: Found | undefined): Promise<void> => {
    const mine = (question.current = {});
    forget();
    const after = before?.next;
    await run(async () => {
      const page = await chat.command('directory', after === undefined ? { query } : { query, after });
      if (question.current === mine)
        setFound({ query, rooms: [...(before?.rooms ?? []), ...page.rooms], next: page.next });
    });
  };
  // Without a connection the question fails; it is asked again when there is one.
  const isConnected = state.connection.state === 'open';
  useEffect(() => {
    if (found?.query === query) return undefined;
    const timer = setTimeout(() => void load(undefined), query === '' ? 0 : askAfterMs);
    return () => {
      clearTimeout(timer);
      question.current = {};
    };
  }, [query, isConnected]);

  return (
    <Modal titleId={`${id}-title`} class="dialog--wide" onClose={onClose}>
      <div class="dialog-form">
        <DialogHead id={`${id}-title`} title={d('directoryTitle')} onClose={onClose} />
        <div class="search-field">
          <Icon name="search" />
          <input
            type="search"
            autocomplete="off"
            autofocus
            dir="auto"
            maxLength={100}
            aria-label={d('findRooms')}
            placeholder={d('findRooms')}
            onInput={(event) => setQuery(event.currentTarget.value)}
          />
        </div>
        <ul class="directory" aria-busy={isBusy} aria-label={d('directoryTitle')}>
          {found?.rooms.map((room) => (
            <ListedRoom key={room.id} chat={chat} state={state} room={room} onClose={onClose} />
          ))}
        </ul>
        <div role="status">
          {!found && !error && <p class="switcher-note">{t('loading')}</p>}
          {found?.rooms.length === 0 && (
            <p class="switcher-note">{d(found.query.trim() === '' ? 'noRooms' : 'noRoomsFound')}</p>
          )}
          {error && <p class="switcher-note switcher-note--failed">{refusal(error)}</p>}
        </div>
        <div class="dialog-buttons">
          {found?.next !== undefined && (
            <button type="button" class="button" aria-busy={isBusy} onClick={() => void load(found)}>
              {d('moreRooms')}
            </button>
          )}
          {state.role !== 'guest' && (
            <button type="button" class="button" onClick={() => chat.dialog.open({ kind: 'new-room' })}>
              <Icon name="plus" />
              {t('newRoom')}
            </button>
          )}
        </div>
      </div>
    </Modal>
  );
}

function ListedRoom({ chat, state, room, onClose }: DialogProps & { readonly room: WireListedRoom }): JSX.Element {
  const { t, d, language, today, timeZone, refusal } = useDialogWords();
  const { run, isBusy, error } = useRequest(chat);
  const isMember = state.rooms.get(room.id)?.isMember ?? room.isMember;
  const join = async (): Promise<void> => {
    if ((await run(() => chat.joinRoom(room.id))) === 'done') onClose();
  };
  return (
    <li class="listed-room">
      <span class="room-link-icon">
        <Icon name="hash" />
      </span>
      <div class="listed-room-words">
        <h3 class="listed-room-name" dir="auto">
          {room.name}
        </h3>
        {room.topic !== '' && (
          <p class="listed-room-topic" dir="auto">
            {room.topic}
          </p>
        )}
        <p class="listed-room-numbers">
          {d('members', { count: room.size })}
          {' · '}
          {room.lastAt === null
            ? d('neverActive')
            : d('active', { time: shortTime(room.lastAt, today, language, t, timeZone) })}
        </p>
        {error && (
          <p class="field-error" role="alert">
            {refusal(error)}
          </p>
        )}
      </div>
      {isMember ? (
        <button
          type="button"
          class="button button--small"
          aria-label={`${d('openThis')}: ${room.name}`}
          onClick={() => {
            onClose();
            chat.goTo(room.id);
          }}
        >
          {d('openThis')}
        </button>
      ) : (
        <button
          type="button"
          class="button button--small button--main"
          aria-label={t('joinRoom', { room: room.name })}
          aria-busy={isBusy}
          onClick={() => void join()}
        >
          {d('joinThis')}
        </button>
      )}
    </li>
  );
}
