/** A person of a room: a direct conversation with them; for those who manage the room also their role and removal. */
import type { JSX } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import type { Person } from 'gale/client';
import type { WireMember } from '../../rooms/wire-rooms.ts';
import { canManageRoom } from '../state/room-rights.ts';
import { Avatar } from '../view/avatar.tsx';
import { Icon } from '../view/icon.tsx';
import { Modal } from '../view/modal.tsx';
import { PersonName } from '../view/person-name.tsx';
import { useRequest } from '../view/use-request.ts';
import { roomName } from '../view/words.ts';
import { DialogHead } from './dialog-head.tsx';
import { focusNow } from './focus-now.ts';
import { useDialogWords } from './dialog-words.ts';
import type { DialogProps } from './room-dialogs.tsx';

/** Props of {@link PersonCard}. */
export interface PersonCardProps extends DialogProps {
  readonly roomId: string;
  readonly person: Person;
}

/** Renders the dialog. */
export function PersonCard({ chat, state, roomId, person, onClose }: PersonCardProps): JSX.Element {
  const { t, a, d, refusal } = useDialogWords();
  const { run, isBusy, error } = useRequest(chat);
  const [member, setMember] = useState<WireMember>();
  /** Undefined: it has not asked yet. */
  const [isAsking, setAsking] = useState<boolean>();
  const id = useId();
  const room = state.rooms.get(roomId);
  const isMe = person.id === state.me.id;
  const canChange = room !== undefined && canManageRoom(room, state.role) && member !== undefined && !isMe;
  useEffect(() => {
    let isWanted = true;
    chat.command('members', { room: roomId, query: person.name }).then(
      ({ members }) => isWanted && setMember(members.find((each) => each.id === person.id)),
      // The buttons that need the role are missing.
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [person.id, room?.membersVersion]);
  const doAndClose = async (action: () => Promise<unknown>): Promise<void> => {
    if ((await run(async () => void (await action()))) === 'done') onClose();
  };
  const isOwner = member?.role === 'owner' && room?.about.kind !== 'direct';
  // Unknown in a big room, and as long as nobody is known to be present.
  const isHere = room?.people?.length ? isMe || room.people.some((each) => each.id === person.id) : undefined;
  return (
    <Modal titleId={`${id}-title`} class="dialog--small" onClose={onClose}>
      <div class="dialog-form">
        <div class="person-card">
          <Avatar person={person} />
          <div class="person-card-words">
            <DialogHead id={`${id}-title`} title={<PersonName person={person} />} onClose={onClose} />
            <p class="person-card-facts">
              {isMe && <span>{t('you')}</span>}
              {isHere !== undefined && (
                <span class={isHere ? 'person-card-here' : undefined}>{d(isHere ? 'isHere' : 'isAway')}</span>
              )}
              {isOwner && <span class="people-role">{d('owner')}</span>}
            </p>
          </div>
        </div>
        {error && (
          <p class="field-error" role="alert">
            {refusal(error)}
          </p>
        )}
        {isAsking ? (
          <>
            <p role="alert">{d('removeAsk', { name: person.name, room: room ? roomName(room, t) : '' })}</p>
            <div class="dialog-buttons">
              <button ref={focusNow} type="button" class="button" onClick={() => setAsking(false)}>
                {a('cancel')}
              </button>
              <button
                type="button"
                class="button button--danger"
                aria-busy={isBusy}
                onClick={() =>
                  void doAndClose(() => chat.command('remove-person', { room: roomId, person: person.id }))
                }
              >
                {d('removePerson')}
              </button>
            </div>
          </>
        ) : (
          <div class="dialog-buttons dialog-buttons--stacked">
            <button
              type="button"
              class="button button--main"
              autofocus
              aria-busy={isBusy}
              onClick={() => void doAndClose(() => chat.openDirect([person.id]))}
            >
              <Icon name="send" />
              {isMe ? t('noteToSelf') : d('sendMessage')}
            </button>
            {canChange && (
              <>
                <button
                  type="button"
                  class="button"
                  onClick={() => {
                    const role = isOwner ? 'member' : 'owner';
                    void doAndClose(() => chat.command('set-role', { room: roomId, person: person.id, role }));
                  }}
                >
                  {d(isOwner ? 'makeMember' : 'makeOwner')}
                </button>
                <button
                  ref={isAsking === false ? focusNow : null}
                  type="button"
                  class="button button--danger"
                  onClick={() => setAsking(true)}
                >
                  {d('removePerson')}
                </button>
              </>
            )}
          </div>
        )}
      </div>
    </Modal>
  );
}
