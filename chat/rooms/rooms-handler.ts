/** The page of the rooms, for administrators: `/admin/rooms`. It renames, archives and deletes rooms, also those they are not in. */
import { authenticated, HttpError, RoomError } from 'gale';
import type { PageKey } from '../locale/pages/index.ts';
import { AdminHandler, maxSearchUnits, type Verb } from '../pages/admin-handler.ts';
import type { Note } from '../pages/panel-handler.ts';
import { listRooms, type ListedRoom } from './listed-rooms.ts';

const notices: Readonly<Record<string, PageKey>> = {
  renamed: 'roomRenamed',
  archived: 'roomIsArchived',
  open: 'roomIsOpen',
  deleted: 'roomIsDeleted',
  unconfirmed: 'confirmMissing',
  ROOM_UNKNOWN: 'roomGone',
  CHAT_ROOM_NAME: 'roomNameInvalid',
  CHAT_ROOM_NAME_TAKEN: 'roomNameInUse',
};

export class RoomsHandler extends AdminHandler {
  protected override get notices(): Readonly<Record<string, PageKey>> {
    return notices;
  }

  readonly get: Verb = authenticated(async function (this: RoomsHandler): Promise<void> {
    const query = this.getQueryArgument('q', '').slice(0, maxSearchUnits);
    const { rooms, next } = await listRooms(this.chat.database, query, this.getQueryArgument('after', ''));
    await this.render('admin-rooms.html', {
      query,
      next: next && `?${new URLSearchParams({ ...(query === '' ? {} : { q: query }), after: next })}`,
      rooms: rooms.map((room) => this.#toRow(room)),
    });
  });

  readonly post: Verb = authenticated(async function (this: RoomsHandler): Promise<void> {
    const { person } = this.administrator();
    const room = this.getBodyArgument('room', '');
    // The lobby and direct conversations are changed nowhere.
    const known = await this.chat.database.tables
      .selectFrom('room')
      .select('kind')
      .where('id', '=', room)
      .executeTakeFirst();
    if (known?.kind !== 'public' && known?.kind !== 'private') return this.done('ROOM_UNKNOWN');
    try {
      return await this.done(await this.#act(room, person.id));
    } catch (error) {
      if (error instanceof RoomError && Object.hasOwn(notices, error.code)) return this.done(error.code);
      throw error;
    }
  });

  async #act(room: string, by: string): Promise<string> {
    const { roomActions } = this.chat;
    switch (this.getBodyArgument('action', '')) {
      case 'rename':
        await roomActions.renameNow(room, this.getBodyArgument('name', '', { raw: true }), by);
        return 'renamed';
      case 'archive':
        await roomActions.archiveNow(room, true, by);
        return 'archived';
      case 'open':
        await roomActions.archiveNow(room, false, by);
        return 'open';
      case 'delete':
        if (this.getBodyArgument('confirm', '') !== 'yes') return 'unconfirmed';
        await roomActions.deleteNow(room, by);
        return 'deleted';
      default:
        throw new HttpError(400);
    }
  }

  #toRow({ id, kind, name, archivedAt, topSeq, lastAt, size }: ListedRoom): RoomRow {
    return {
      id,
      name,
      kind: this.t(kind === 'private' ? 'roomPrivate' : 'roomPublic'),
      isArchived: archivedAt !== null,
      notes: [
        { before: this.t('roomMembers', { count: size ?? 0 }) },
        ...(topSeq === 0 ? [] : [{ before: this.t('roomMessages', { count: topSeq }) }]),
        lastAt === null ? { before: this.t('roomNoMessage') } : this.timeNote('roomLastAt', lastAt),
      ],
    };
  }
}

interface RoomRow {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly isArchived: boolean;
  readonly notes: readonly Note[];
}
