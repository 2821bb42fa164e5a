/**
 * The page of an invite link: who invites to what, and one form. A link that does not work says why and has no form.
 */
import { HttpError } from 'gale';
import { RegisterForm, type AccountFormClass } from '../accounts/account-forms.ts';
import type { AccountResult, AddAccount } from '../accounts/accounts.ts';
import type { SignedIn } from '../accounts/signed-in.ts';
import { FormHandler } from '../accounts/form-handler.ts';
import type { PageKey } from '../locale/pages/index.ts';
import { noteChanged } from '../people/changed-person.ts';
import { addressOf } from '../browser/session/address.ts';
import { lobbyId } from '../wire.ts';
import type { Invite, InviteRoom, InviteState } from './invite.ts';

const reasons: Readonly<Record<Exclude<InviteState, 'open'> | 'unknown', PageKey>> = {
  expired: 'inviteExpired',
  used: 'inviteUsed',
  revoked: 'inviteRevoked',
  unknown: 'inviteUnknown',
};

export class InviteHandler extends FormHandler {
  protected override readonly template = 'invite.html';
  protected override readonly unavailablePhrase = 'cannotSave';
  #invite: Invite | undefined;
  /** The rooms that the person gets. */
  #rooms: readonly InviteRoom[] = [];
  /** Those from which the person was removed. */
  #closed: readonly InviteRoom[] = [];
  /** Whether a guest becomes a member. */
  #promotes = false;
  #inviter = '';

  override async prepare(): Promise<void> {
    const [{ token }] = this.pathArguments as [{ readonly token: string }];
    const found = await this.chat.invites.find(token, this.request.remoteAddress);
    if (found.state === 'limited') {
      this.setHeader('Retry-After', found.seconds);
      return this.#end(429, 'linkLimited');
    }
    if (found.state !== 'open') return this.#end(found.state === 'unknown' ? 404 : 410, reasons[found.state]);
    const { invite } = found;
    this.#invite = invite;
    this.#rooms = invite.rooms.filter(({ isArchived }) => !isArchived);
    const me = this.currentUser;
    const reason = me ? await this.#fit(invite, me) : this.#whyNone(invite);
    if (reason) return this.#end(410, reason);
    const [inviter] = await this.chat.people.describe([invite.madeBy]);
    this.#inviter = inviter?.name ?? '';
  }

  /** Finds out what an invite gives to a person who has an account. @returns Why it gives nothing that others would get. */
  async #fit(invite: Invite, { person: { id }, role }: SignedIn): Promise<PageKey | undefined> {
    const { store } = this.chat.invites;
    const closed = await store.closedRooms(invite.id, id);
    const isStopped = role === 'guest' && invite.role === 'member' && (await store.wasMadeGuest(id, invite));
    this.#promotes = role === 'guest' && invite.role === 'member' && !isStopped;
    this.#closed = this.#rooms.filter((room) => closed.has(room.id));
    this.#rooms = this.#rooms.filter((room) => !closed.has(room.id));
    if (this.#promotes || this.#rooms.length > 0) return undefined;
    if (isStopped) return 'inviteGuest';
    if (this.#closed.length > 0) return 'inviteClosed';
    return invite.rooms.length > 0 ? 'inviteRoomsGone' : this.#whyNone(invite);
  }

  /** A guest is only in the rooms of the invite. @returns Why they would be in none. */
  #whyNone({ role }: Invite): PageKey | undefined {
    return role === 'guest' && this.#rooms.length === 0 ? 'inviteRoomsGone' : undefined;
  }

  protected override get formClass(): AccountFormClass {
    return RegisterForm;
  }

  protected override get namespace(): object {
    return {
      path: this.request.path,
      inviter: this.#inviter,
      isGuest: this.currentUser === undefined && this.#open.role === 'guest',
      promotes: this.#promotes,
      rooms: this.#rooms.map((room) => this.#nameOf(room)),
      closed: this.#closed.map((room) => this.#nameOf(room)),
      hasPerson: this.currentUser !== undefined,
      me: this.currentUser?.person.name ?? '',
    };
  }

  #nameOf({ kind, name }: InviteRoom): string {
    return kind === 'lobby' ? this.t('lobby') : name;
  }

  protected override get isForSignedIn(): boolean {
    return true;
  }

  /** A person who is signed in joins with a press. */
  override async post(): Promise<void> {
    if (this.currentUser === undefined) return super.post();
    const { id } = this.currentUser.person;
    const ids = this.#rooms.map((room) => room.id);
    const { directory, invites } = this.chat;
    await directory.waitForCopies([lobbyId, ...ids]);
    const result = await invites.store.useAs(this.#open.tokenHash, id, Date.now());
    if (result === 'ended') return this.#end(410, 'inviteUsed');
    if (result === 'becameMember') {
      await noteChanged(this.chat, id);
      await directory.noteRole(id);
    }
    await directory.noteJoined(id, ids);
    return this.redirect(this.landing, { status: 303 });
  }

  protected override async findAccount(name: string, password: string): Promise<AccountResult> {
    const { accounts, directory, invites } = this.chat;
    const { tokenHash, rooms, role } = this.#open;
    const ids = new Set(rooms.map((room) => room.id));
    if (role !== 'guest') ids.add(lobbyId);
    const waitForCopies = (): Promise<void> => directory.waitForCopies([...ids]);
    const add: AddAccount = async (account) => {
      const result = await invites.store.addPerson(tokenHash, { ...account, role: 'member' });
      if (result === 'joined') return undefined;
      return result === 'ended' ? { form: 'inviteUsed' } : { name: 'nameTaken' };
    };
    const result = await accounts.register(name, password, this.request.remoteAddress, waitForCopies, add);
    if ('account' in result) await directory.noteMembers(ids);
    return result;
  }

  /** The first room of the invite. */
  protected override get landing(): string {
    const [room] = this.#rooms;
    return room === undefined ? '/' : `/${addressOf(room.id)}`;
  }

  get #open(): Invite {
    if (this.#invite === undefined) throw new HttpError(404);
    return this.#invite;
  }

  async #end(status: number, reason: PageKey): Promise<void> {
    this.setStatus(status);
    const values = {
      title: 'inviteEndedTitle',
      reason,
      hasPerson: this.currentUser !== undefined,
      path: this.request.path,
    };
    await this.finish(this.renderString('ended-link.html', values));
  }
}
