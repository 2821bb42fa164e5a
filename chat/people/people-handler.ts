/**
 * The page of the people, for administrators: `/admin/people`. It lists everybody, and changes roles, makes links to sign in, deactivates
 * and reactivates accounts.
 */
import { authenticated, HttpError } from 'gale';
import { writeAudit } from '../audit/audit-entry.ts';
import { initials, tint } from '../browser/text/initials.ts';
import type { Role } from '../database/tables.ts';
import type { PageKey } from '../locale/pages/index.ts';
import { AdminHandler, maxSearchUnits, type Verb } from '../pages/admin-handler.ts';
import type { Note } from '../pages/panel-handler.ts';
import { noteChanged } from './changed-person.ts';
import { deactivate, markReactivated, type Deed } from './deactivation.ts';
import { listPeople, type ListedPerson } from './listed-people.ts';
import type { NewOwner } from '../rooms/members.ts';
import type { MoreOfChange, RemoveResult } from './people-store.ts';
import { roleNames } from './role-names.ts';

const notices: Readonly<Record<string, PageKey>> = {
  role: 'roleChanged',
  deactivated: 'personDeactivated',
  reactivated: 'personReactivated',
  last: 'lastAdministrator',
  unknown: 'personGone',
  yourself: 'notYourself',
};

/** Longest id that is looked for, in characters. Ids of people have 16. */
const maxIdCharacters = 100;

export class PeopleHandler extends AdminHandler {
  protected override get notices(): Readonly<Record<string, PageKey>> {
    return notices;
  }

  readonly get: Verb = authenticated(async function (this: PeopleHandler): Promise<void> {
    return this.#show();
  });

  readonly post: Verb = authenticated(async function (this: PeopleHandler): Promise<void> {
    const { person: me } = this.administrator();
    const id = this.getBodyArgument('id', '').slice(0, maxIdCharacters);
    const deed: Deed = { actorId: me.id, at: Date.now() };
    switch (this.getBodyArgument('action', '')) {
      case 'role':
        return this.#setRole(id, deed);
      case 'link':
        return this.#makeLink(id, deed);
      case 'deactivate':
        if (id === me.id) return this.done('yourself', `person-${id}`);
        return this.#deactivated(id, 'deactivated', await deactivate(this.chat, id, deed));
      case 'reactivate':
        return this.#deactivated(id, 'reactivated', await markReactivated(this.chat.people, id, deed));
      default:
        throw new HttpError(400);
    }
  });

  async #setRole(id: string, { actorId, at }: Deed): Promise<void> {
    const to = this.getBodyArgument('role', '');
    if (!isRole(to)) throw new HttpError(400);
    let isOtherLobby = false;
    const newOwners: NewOwner[] = [];
    const note: MoreOfChange = async (step, { role: from }) => {
      isOtherLobby = from === 'guest' || to === 'guest';
      await writeAudit(step, { actorId, action: 'person.role', target: id, details: { from, to } }, at);
    };
    const result = await this.chat.people.setRole(id, to, note, newOwners);
    if (result === 'done') await noteChanged(this.chat, id);
    await this.chat.directory.noteOwners(newOwners);
    await this.chat.directory.noteMembers(newOwners.map(({ roomId }) => roomId));
    if (isOtherLobby) await this.chat.directory.noteRole(id);
    return this.#said(id, 'role', result);
  }

  /** The link is in the response itself: nobody can open it again. */
  async #makeLink(id: string, { actorId }: Deed): Promise<void> {
    const { people, signInLinks } = this.chat;
    const [person] = await people.describe([id]);
    if (!person || person.isDeleted) return this.done('unknown');
    const token = await signInLinks.make(id, actorId ?? '');
    return this.#show({ name: person.name, url: `${this.origin}/sign-in/${token}` });
  }

  async #deactivated(id: string, notice: string, result: RemoveResult): Promise<void> {
    const { directory } = this.chat;
    // Not awaited: without Redis it fails after a while, and the account is deactivated already.
    if (result === 'done') void directory.noteMembers(await directory.ownRooms(id));
    return this.#said(id, notice, result);
  }

  #said(id: string, notice: string, result: RemoveResult): Promise<void> {
    return this.done(result === 'done' ? notice : result, `person-${id}`);
  }

  async #show(link?: { readonly name: string; readonly url: string }): Promise<void> {
    const query = this.getArgument('q', '').slice(0, maxSearchUnits);
    const { people, next, count } = await listPeople(this.chat.database, query, this.getQueryArgument('after', ''));
    const present = this.chat.liveSessions.people;
    await this.render('admin-people.html', {
      query,
      count,
      link,
      next: next && `?${new URLSearchParams({ ...(query === '' ? {} : { q: query }), after: next })}`,
      people: people.map((person) => this.#toRow(person, present)),
      roles: Object.entries(roleNames).map(([role, name]) => ({ role, name: this.t(name) })),
    });
  }

  /** @param present - People with a window on this server; those of others have the time of their last visit. */
  #toRow(
    { id, name, role, pictureHash, createdAt, deactivatedAt, seenAt }: ListedPerson,
    present: ReadonlySet<string>,
  ): PersonRow {
    const last = seenAt === null ? { before: this.t('neverSeen') } : this.timeNote('lastUsed', seenAt);
    const seen = present.has(id) ? { before: this.t('inUseNow') } : last;
    return {
      id,
      name,
      role,
      roleName: this.t(roleNames[role]),
      picture: pictureHash,
      initials: initials(name),
      tint: tint(id),
      isMe: id === this.currentUser?.person.id,
      isActive: deactivatedAt === null,
      notes: [
        deactivatedAt === null ? seen : this.timeNote('deactivatedOn', deactivatedAt),
        this.timeNote('joinedAt', createdAt),
      ],
    };
  }
}

function isRole(text: string): text is Role {
  return Object.hasOwn(roleNames, text);
}

interface PersonRow {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly roleName: string;
  readonly picture: string | null;
  readonly initials: string;
  readonly tint: number;
  readonly isMe: boolean;
  readonly isActive: boolean;
  readonly notes: readonly Note[];
}
