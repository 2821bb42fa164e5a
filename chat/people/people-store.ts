/**
 * What the database knows about people, and the changes that they and administrators make. Signing in is in accounts/.
 */
import type { Kysely, Selectable } from 'kysely';
import { writeAudit } from '../audit/audit-entry.ts';
import type { DatabaseKind } from '../database/column-types.ts';
import type { ChatDatabase } from '../database/database.ts';
import type { PersonTable, Role, Tables } from '../database/tables.ts';
import { nameKey } from '../name.ts';
import { personNameForms } from '../names/name-forms.ts';
import { handOverRooms, leaveAllRooms, type NewOwner } from '../rooms/members.ts';
import { removeLinksMadeBy, revokeInvitesOf } from './links-made.ts';
import { followRole } from './person.ts';
import { isRoomOrder, isSendKey, isTheme, type RoomOrder, type SendKey, type Theme } from './choices.ts';

/** What others see of a person. */
export interface PersonView {
  readonly id: string;
  /** Empty after the person deleted the account. */
  readonly name: string;
  readonly role: Role;
  /** Hash of the picture, a part of its address; null without one. */
  readonly picture: string | null;
  readonly isDeleted: boolean;
}

/** Choices of a person about the pages. */
export interface Choices {
  /** Null: that of the browser. */
  readonly language: string | null;
  readonly theme: Theme;
  /** A name of the IANA; null: that of the browser. */
  readonly timeZone: string | null;
  readonly sendKey: SendKey;
  readonly roomOrder: RoomOrder;
}

/** A picture, as its bytes say. */
export interface Picture {
  readonly type: 'image/png' | 'image/jpeg' | 'image/webp';
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes, shortened. */
  readonly hash: string;
}

/** `last`: the chat would have no administrator. */
export type RemoveResult = 'done' | 'unknown' | 'last';

/** A step of a transaction that changes a person. */
export type MoreOfChange = (
  step: Kysely<Tables>,
  before: Pick<Selectable<PersonTable>, 'role' | 'deactivatedAt'>,
) => Promise<void>;

const nothing = async (): Promise<void> => {};

const viewColumns = ['id', 'name', 'role', 'pictureHash', 'deletedAt'] as const;

export class PeopleStore {
  readonly #tables: Kysely<Tables>;
  readonly #kind: DatabaseKind;

  constructor({ tables, kind }: ChatDatabase) {
    this.#tables = tables;
    this.#kind = kind;
  }

  /** @param ids - At most some hundred. @returns Those that exist. */
  async describe(ids: readonly string[]): Promise<PersonView[]> {
    if (ids.length === 0) return [];
    const rows = await this.#tables.selectFrom('person').select(viewColumns).where('id', 'in', ids).execute();
    return rows.map(toView);
  }

  /** Renames a person, who does it. @param name - A result of `readName`. @returns Whether the name is free. */
  async rename(id: string, name: string): Promise<boolean> {
    const forms = { name, nameKey: nameKey(name), ...personNameForms(name) };
    return this.#tables
      .transaction()
      .execute(async (step) => {
        const other = await step
          .selectFrom('person')
          .select('id')
          .where('nameKey', '=', forms.nameKey)
          .where('id', '<>', id)
          .executeTakeFirst();
        if (other !== undefined) return false;
        const before = await step
          .selectFrom('person')
          .select('name')
          .where('id', '=', id)
          // They may have deleted the account in another window meanwhile.
          .where('deletedAt', 'is', null)
          .executeTakeFirst();
        if (before === undefined || before.name === name) return true;
        await step.updateTable('person').set(forms).where('id', '=', id).execute();
        // Somebody else can take the name, and the log shows people by the names that they have now.
        const details = { from: before.name, to: name };
        await writeAudit(step, { actorId: id, action: 'person.rename', target: id, details }, Date.now());
        return true;
      })
      .catch((error: unknown) => {
        // Two people took the name at the same moment.
        if (isUniqueViolation(error)) return false;
        throw error;
      });
  }

  async choose(id: string, choices: Partial<Choices>): Promise<void> {
    if (Object.keys(choices).length > 0)
      await this.#tables
        .updateTable('person')
        .set(choices)
        .where('id', '=', id)
        .where('deletedAt', 'is', null)
        .execute();
  }

  async setPicture(personId: string, picture: Picture | null): Promise<void> {
    await this.#tables.transaction().execute(async (step) => {
      const { numUpdatedRows } = await step
        .updateTable('person')
        .set({ pictureHash: picture?.hash ?? null })
        .where('id', '=', personId)
        .where('deletedAt', 'is', null)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return;
      await step.deleteFrom('picture').where('personId', '=', personId).execute();
      if (picture === null) return;
      const { type, bytes } = picture;
      await step.insertInto('picture').values({ personId, type, bytes }).execute();
    });
  }

  /** @returns Undefined if the person has another picture, or none. */
  picture(personId: string, hash: string): Promise<{ type: string; bytes: Uint8Array } | undefined> {
    return this.#tables
      .selectFrom('picture')
      .innerJoin('person', 'person.id', 'picture.personId')
      .select(['picture.type', 'picture.bytes'])
      .where('personId', '=', personId)
      .where('pictureHash', '=', hash)
      .executeTakeFirst();
  }

  /**
   * Changes what a person may do.
   *
   * @param also - More of the transaction, if the role is another one.
   * @param newOwners - Gets the members who became owners of the rooms of a new guest.
   */
  setRole(id: string, role: Role, also: MoreOfChange = nothing, newOwners: NewOwner[] = []): Promise<RemoveResult> {
    return this.#unlessLast(id, role === 'administrator', async (step, before) => {
      if (before.role === role) return;
      await step.updateTable('person').set({ role }).where('id', '=', id).execute();
      if (role === 'guest' || before.role === 'guest') await followRole(step, id, role, Date.now());
      if (role === 'guest') newOwners.push(...(await handOverRooms({ kind: this.#kind, step }, id)));
      if (role !== 'administrator') await removeLinksMadeBy(step, id);
      await also(step, before);
    });
  }

  /**
   * Prevents that a person signs in, or allows it again. The sessions are not ended.
   *
   * @param also - More of the transaction, if that changes anything.
   */
  setDeactivated(id: string, deactivatedAt: number | null, also: MoreOfChange = nothing): Promise<RemoveResult> {
    return this.#unlessLast(id, deactivatedAt === null, async (step, before) => {
      if ((before.deactivatedAt === null) === (deactivatedAt === null)) return;
      await step.updateTable('person').set({ deactivatedAt }).where('id', '=', id).execute();
      await also(step, before);
    });
  }

  /**
   * Removes everything that is known about a person except the messages. The name is free afterwards.
   *
   * @param newOwners - Gets the members who became owners of the rooms of the person.
   */
  delete(id: string, deletedAt: number, newOwners: NewOwner[] = []): Promise<RemoveResult> {
    return this.#unlessLast(id, false, async (step, { role }) => {
      const entry = { actorId: id, action: 'person.delete', target: id, details: { role } } as const;
      await writeAudit(step, entry, deletedAt);
      await step.deleteFrom('audit').where('action', '=', 'person.rename').where('target', '=', id).execute();
      await step.deleteFrom('picture').where('personId', '=', id).execute();
      await step.deleteFrom('signInLink').where('personId', '=', id).execute();
      await removeLinksMadeBy(step, id);
      await revokeInvitesOf(step, id, deletedAt);
      newOwners.push(...(await leaveAllRooms({ kind: this.#kind, step }, id)));
      await step
        .updateTable('person')
        .set({
          name: '',
          // Names have no control characters in their key; PostgreSQL stores no \0.
          nameKey: `\u0001${id}`,
          passwordHash: '',
          role: 'guest',
          nameSkeleton: '',
          pinyin: '',
          pinyinInitials: '',
          deletedAt,
          language: null,
          theme: null,
          timeZone: null,
          sendKey: null,
          roomOrder: null,
          pictureHash: null,
        })
        .where('id', '=', id)
        .execute();
    });
  }

  /** Changes a person in a transaction, after all others of this kind. Refuses to leave the chat without an administrator. */
  #unlessLast(id: string, staysAdministrator: boolean, change: MoreOfChange): Promise<RemoveResult> {
    return this.#tables.transaction().execute(async (step) => {
      await step
        .insertInto('setting')
        .values({ name: 'administrators-changed-by', value: id })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: id }))
        .execute();
      const person = await step
        .selectFrom('person')
        .select(['role', 'deactivatedAt'])
        .where('id', '=', id)
        .where('deletedAt', 'is', null)
        .executeTakeFirst();
      if (person === undefined) return 'unknown';
      if (person.role === 'administrator' && !staysAdministrator) {
        const other = await step
          .selectFrom('person')
          .select('id')
          .where('role', '=', 'administrator')
          .where('deletedAt', 'is', null)
          .where('deactivatedAt', 'is', null)
          .where('id', '<>', id)
          .limit(1)
          .executeTakeFirst();
        if (other === undefined) return 'last';
      }
      await change(step, person);
      return 'done';
    });
  }
}

/** The choices of a row, with the defaults. */
export function choicesOf({
  language,
  theme,
  timeZone,
  sendKey,
  roomOrder,
}: Pick<Selectable<PersonTable>, keyof Choices>): Choices {
  return {
    language,
    theme: isTheme(theme) ? theme : 'system',
    timeZone,
    sendKey: isSendKey(sendKey) ? sendKey : 'enter',
    roomOrder: isRoomOrder(roomOrder) ? roomOrder : 'activity',
  };
}

function toView({
  id,
  name,
  role,
  pictureHash,
  deletedAt,
}: Pick<Selectable<PersonTable>, (typeof viewColumns)[number]>): PersonView {
  return { id, name, role, picture: pictureHash, isDeleted: deletedAt !== null };
}

/** Whether two rows would have the same key: SQLITE_CONSTRAINT_UNIQUE, and unique_violation of PostgreSQL. */
function isUniqueViolation(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 2067 || code === '23505';
}
