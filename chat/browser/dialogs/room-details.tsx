/** The details of a room: its topic; for those who manage it also its name, the archive and the deletion. */
import type { JSX } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { canManageRoom, canSetTopic } from '../state/room-rights.ts';
import type { RoomState } from '../state/room-state.ts';
import { dayLabel } from '../time/day.ts';
import { Icon } from '../view/icon.tsx';
import { Modal } from '../view/modal.tsx';
import { useRequest } from '../view/use-request.ts';
import { roomName } from '../view/words.ts';
import { DialogHead } from './dialog-head.tsx';
import { focusNow } from './focus-now.ts';
import { useDialogWords } from './dialog-words.ts';
import type { DialogProps } from './room-dialogs.tsx';
import { TextField } from './text-field.tsx';

interface DetailsProps extends DialogProps {
  readonly room: RoomState;
}

/** Renders the dialog; nothing for a room that is gone. */
export function RoomDetails({ roomId, ...props }: DialogProps & { readonly roomId: string }): JSX.Element | null {
  const { t, d } = useDialogWords();
  const id = useId();
  const room = props.state.rooms.get(roomId);
  if (!room?.isMember) return null;
  const { kind } = room.about;
  const kinds = {
    lobby: 'detailsLobby',
    public: 'detailsPublic',
    private: 'detailsPrivate',
    direct: 'detailsPrivate',
  } as const;
  return (
    <Modal titleId={`${id}-title`} onClose={props.onClose}>
      <div class="dialog-form">
        <DialogHead id={`${id}-title`} title={d('detailsTitle', { room: roomName(room, t) })} onClose={props.onClose} />
        <p class="details-kind">
          <Icon name={kind === 'private' ? 'lock' : kind === 'lobby' ? 'home' : 'hash'} />
          {d(kinds[kind])}
        </p>
        {canSetTopic(room, props.state.role) ? (
          <Names {...props} room={room} />
        ) : (
          <p class="details-topic" dir="auto">
            {room.about.topic === '' ? d('noTopic') : room.about.topic}
          </p>
        )}
        {canManageRoom(room, props.state.role) && (
          <>
            <Archive {...props} room={room} />
            <Deletion {...props} room={room} />
          </>
        )}
      </div>
    </Modal>
  );
}

/** The form for the name and the topic. */
function Names({ chat, state, room }: DetailsProps): JSX.Element {
  const { d, refusal } = useDialogWords();
  const name = useRef<HTMLInputElement>(null);
  const topic = useRef<HTMLInputElement>(null);
  const { run, forget, isBusy, error } = useRequest(chat);
  const [isSaved, setSaved] = useState(false);
  const { roomName: maxName, topic: maxTopic } = state.limits;
  const hasName = canManageRoom(room, state.role);
  const isOfName = error !== undefined && error.code.startsWith('CHAT_ROOM_NAME');
  const save = async (): Promise<void> => {
    const topicOnly = { room: room.id, topic: topic.current!.value };
    const fields = name.current ? { ...topicOnly, name: name.current.value } : topicOnly;
    setSaved(false);
    const result = await run(async () => void (await chat.command('change-room', fields)));
    setSaved(result === 'done');
  };
  const onInput = (): void => {
    setSaved(false);
    if (error) forget();
  };
  return (
    <form
      class="details-names"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {hasName && (
        <TextField
          field={name}
          label={d('roomName')}
          value={room.name}
          error={isOfName ? refusal(error, maxName) : undefined}
          onInput={onInput}
        />
      )}
      <TextField
        field={topic}
        label={d('topic')}
        value={room.about.topic}
        hint={d('topicHint', { count: maxTopic })}
        error={error && !isOfName ? refusal(error, maxTopic) : undefined}
        onInput={onInput}
      />
      <div class="dialog-buttons">
        <span class="details-saved" role="status">
          {isSaved && (
            <>
              <Icon name="check" />
              {d('saved')}
            </>
          )}
        </span>
        <button type="submit" class="button button--main" aria-busy={isBusy}>
          {d('save')}
        </button>
      </div>
    </form>
  );
}

function Archive({ chat, room }: DetailsProps): JSX.Element {
  const { t, d, language, today, timeZone, refusal } = useDialogWords();
  const { run, isBusy, error } = useRequest(chat);
  const { archivedAt } = room.about;
  const isArchived = archivedAt !== undefined;
  const change = (): Promise<unknown> =>
    run(async () => void (await chat.command('archive-room', { room: room.id, archived: !isArchived })));
  return (
    <section class="details-step">
      <p class="field-hint">
        {isArchived
          ? d('unarchiveHint', { date: dayLabel(archivedAt, today, language, t, timeZone) })
          : d('archiveHint')}
        {error && (
          <span class="field-error" role="alert">
            {' '}
            {refusal(error)}
          </span>
        )}
      </p>
      <button type="button" class="button" aria-busy={isBusy} onClick={() => void change()}>
        <Icon name="archive" />
        {d(isArchived ? 'unarchive' : 'archive')}
      </button>
    </section>
  );
}

/** Asks before it deletes. */
function Deletion({ chat, room, onClose }: DetailsProps): JSX.Element {
  const { a, d, refusal } = useDialogWords();
  /** Undefined: it has not asked yet. */
  const [isAsking, setAsking] = useState<boolean>();
  const { run, isBusy, error } = useRequest(chat);
  const remove = async (): Promise<void> => {
    const result = await run(async () => void (await chat.command('delete-room', { room: room.id })));
    if (result === 'done') onClose();
  };
  return (
    <section class="details-step">
      <p class="field-hint" role={isAsking ? 'alert' : undefined}>
        {isAsking ? d('deleteAsk', { room: room.name }) : d('deleteHint')}
        {error && <span class="field-error"> {refusal(error)}</span>}
      </p>
      {isAsking ? (
        <span class="details-sure">
          <button ref={focusNow} type="button" class="button" onClick={() => setAsking(false)}>
            {a('cancel')}
          </button>
          <button type="button" class="button button--danger" aria-busy={isBusy} onClick={() => void remove()}>
            {d('deleteNow')}
          </button>
        </span>
      ) : (
        <button
          ref={isAsking === false ? focusNow : null}
          type="button"
          class="button button--danger"
          onClick={() => setAsking(true)}
        >
          {d('deleteRoom')}
        </button>
      )}
    </section>
  );
}
