/**
 * The page of the invites, for administrators: `/admin/invites`. A form makes a link; the list shows, renews and revokes them.
 */
import { authenticated } from 'gale';
import { encodeQR } from 'qr';
import type { PageKey } from '../locale/pages/index.ts';
import { createForm } from '../pages/create-form.ts';
import { AdminHandler, type Verb } from '../pages/admin-handler.ts';
import type { InviteState } from './invite.ts';
import { anyUses, InviteForm } from './invite-forms.ts';
import type { Note } from '../pages/panel-handler.ts';
import { shownRooms } from './invite-store.ts';
import { inviteLifetimes, type ListedInvite } from './invites.ts';

/** Longest text of the search for rooms. */
const maxSearchUnits = 100;
/** Most chosen rooms that are looked up. More than an invite can have are refused. */
const maxSent = 200;
/** Ended invites of the page, the newest. */
const maxEnded = 20;

const notices: Readonly<Record<string, PageKey>> = {
  made: 'inviteMade',
  renewed: 'inviteRenewed',
  revoked: 'inviteRevokedNotice',
  gone: 'inviteGone',
};

const stateNames: Readonly<Record<Exclude<InviteState, 'open'>, PageKey>> = {
  expired: 'inviteStateExpired',
  used: 'inviteStateUsed',
  revoked: 'inviteStateRevoked',
};

export class InvitesHandler extends AdminHandler {
  protected override get notices(): Readonly<Record<string, PageKey>> {
    return notices;
  }

  readonly get: Verb = authenticated(async function (this: InvitesHandler): Promise<void> {
    this.administrator();
    const { form, ...find } = await this.#createForm();
    return this.#show(200, form.fillFrom({ role: 'member', lasts: 'week', uses: anyUses }), find);
  });

  readonly post: Verb = authenticated(async function (this: InvitesHandler): Promise<void> {
    const { person } = this.administrator();
    const { invites } = this.chat;
    const [action, id] = [this.getBodyArgument('action', 'make'), this.getBodyArgument('id', '')];
    if (action === 'revoke') return this.done((await invites.revoke(id, person.id)) ? 'revoked' : 'gone');
    if (action === 'renew') {
      const renewed = await invites.renew(id, person.id);
      return renewed === undefined ? this.done('gone') : this.done('renewed', `invite-${renewed.id}`);
    }
    const { form, ...find } = await this.#createForm();
    const isValid = await form.validate();
    if (action === 'find') return this.#show(200, form, find);
    if (!isValid) return this.#show(400, form, find);
    const { role, lasts, uses, rooms } = form.values;
    if (role === 'guest' && rooms.length === 0)
      return this.#show(400, form.addError(this.t('inviteGuestRooms'), { field: 'rooms' }), find);
    const maxUses = uses === anyUses ? null : Number(uses);
    const made = await invites.make({ role, roomIds: rooms, lastsMs: inviteLifetimes[lasts], maxUses }, person.id);
    return this.done('made', `invite-${made.id}`);
  });

  /** The form, whose rooms are those that were found and those that were chosen. */
  async #createForm(): Promise<FoundRooms & { readonly form: InstanceType<typeof InviteForm> }> {
    const query = this.getBodyArgument('find', '').slice(0, maxSearchUnits);
    const chosen = [...new Set(this.getBodyArguments('rooms'))].filter(({ length }) => length <= 100).slice(0, maxSent);
    const { id: me } = this.administrator().person;
    const { rooms, hasMore } = await this.chat.invites.store.rooms(me, query, chosen);
    const choices = rooms.map(({ id, kind, name }) => [id, kind === 'lobby' ? this.t('lobby') : name] as const);
    const form = createForm(this, InviteForm, '/admin/invites').setChoices('rooms', choices);
    return { form, query, hasMore };
  }

  async #show(status: number, form: InstanceType<typeof InviteForm>, { query, hasMore }: FoundRooms): Promise<void> {
    const invites = await this.chat.invites.list();
    const makers = new Map(
      (await this.chat.people.describe([...new Set(invites.map(({ madeBy }) => madeBy))])).map(({ id, name }) => [
        id,
        name,
      ]),
    );
    const shown = invites.map((invite) => this.#toRow(invite, makers));
    this.setStatus(status);
    await this.render('invites.html', {
      form,
      query,
      hasSearch: hasMore || query !== '',
      shownRooms,
      open: shown.filter(({ isOpen }) => isOpen),
      ended: shown.filter(({ isOpen }) => !isOpen).slice(0, maxEnded),
    });
  }

  #toRow(invite: ListedInvite, makers: ReadonlyMap<string, string>): InviteRow {
    const { id, token, state, role, rooms, uses, maxUses, expiresAt, madeBy } = invite;
    const isOpen = state === 'open';
    const link = token === undefined ? undefined : `${this.origin}/invite/${token}`;
    return {
      id,
      isOpen,
      link: isOpen ? link : undefined,
      // Drawn by CSS: the background must be light also in the dark theme.
      qr: isOpen && link !== undefined ? encodeQR(link, 'svg', { border: 2 }) : '',
      role: this.t(role === 'guest' ? 'roleGuest' : 'roleMember'),
      rooms: rooms.map(({ kind, name }) => (kind === 'lobby' ? this.t('lobby') : name)),
      notes: [
        ...(state === 'open' ? [] : [{ before: this.t(stateNames[state]) }]),
        {
          before:
            maxUses === null ? this.t('inviteUsesCount', { uses }) : this.t('inviteUsesOf', { uses, most: maxUses }),
        },
        expiresAt === null ? { before: this.t('inviteNeverExpires') } : this.timeNote('inviteExpires', expiresAt),
        {
          before:
            madeBy === '' ? this.t('inviteMadeByCommand') : this.t('inviteMadeBy', { name: makers.get(madeBy) || '…' }),
        },
      ],
    };
  }
}

/** The search for rooms. */
interface FoundRooms {
  readonly query: string;
  /** Whether more rooms match than the form shows. */
  readonly hasMore: boolean;
}

/** An invite as the page shows it. */
interface InviteRow {
  readonly id: string;
  readonly isOpen: boolean;
  readonly link: string | undefined;
  readonly qr: string;
  readonly role: string;
  readonly rooms: readonly string[];
  readonly notes: readonly Note[];
}
