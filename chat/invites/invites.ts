/**
 * The rules around the store of invites: which ones can be made, and their links.
 * The database has only hashes of the tokens. The token is derived from the id of the invite and the secret of the chat, so that the list
 * for administrators can show a link again, and a copy of the database alone lets nobody in.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { toNetwork } from 'gale/http';
import type { AttemptStore } from '../accounts/attempt-limit.ts';
import { createToken, hashToken, isSameText, isTokenShaped } from '../tokens.ts';
import { stateOf, type Invite, type InviteRole, type InviteState } from './invite.ts';
import type { InviteStore, NewInvite } from './invite-store.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** How long an invite can be valid, in milliseconds; null: until it is revoked. */
export const inviteLifetimes: Readonly<Record<InviteLifetime, number | null>> = {
  hour: dayMs / 24,
  day: dayMs,
  week: 7 * dayMs,
  month: 30 * dayMs,
  never: null,
};
export type InviteLifetime = 'hour' | 'day' | 'week' | 'month' | 'never';
/** Most rooms of one invite. */
export const maxInviteRooms = 50;
/** Most uses of one invite that has a limit. */
export const maxInviteUses = 10_000;

/** Links that do not exist, from one address. A person who mistypes one does not get there. */
const misses = { most: 20, windowMs: 10 * 60_000 } as const;

/** What an administrator chooses. */
export interface InviteChoice {
  readonly role: InviteRole;
  readonly roomIds: readonly string[];
  /** Null: never. */
  readonly lastsMs: number | null;
  /** Null: any number. */
  readonly maxUses: number | null;
}

/** An invite of the list. */
export interface ListedInvite extends Invite {
  readonly state: InviteState;
  /** Undefined if it was made with another secret, such as by the command line. */
  readonly token: string | undefined;
}

/** The result of a look-up. */
export type FoundInvite =
  | { readonly state: InviteState; readonly invite: Invite; readonly tokenHash: string }
  | { readonly state: 'unknown' }
  /** Too many links that do not exist were tried. */
  | { readonly state: 'limited'; readonly seconds: number };

export interface InvitesOptions {
  /** Signs cookies; the same on all servers of a chat. Undefined: links cannot be shown again. */
  readonly secret: string | undefined;
  readonly attempts: AttemptStore;
  readonly limits: 'on' | 'off';
  readonly now: () => number;
}

export class Invites {
  readonly store: InviteStore;
  readonly #options: InvitesOptions;

  constructor(store: InviteStore, options: InvitesOptions) {
    this.store = store;
    this.#options = options;
  }

  /** @param madeBy - Id of a person; empty for the command line. */
  async make(choice: InviteChoice, madeBy: string): Promise<{ readonly id: string; readonly token: string }> {
    const { token, invite } = this.#create(choice, madeBy);
    await this.store.add(invite);
    return { id: invite.id, token };
  }

  /** Makes the link of an invite void and returns another one, with the same choices and the whole time again. */
  async renew(id: string, madeBy: string): Promise<{ readonly id: string; readonly token: string } | undefined> {
    const before = await this.store.findById(id);
    if (before === undefined) return undefined;
    const { role, rooms, maxUses, madeAt, expiresAt } = before;
    const lastsMs = expiresAt === null ? null : expiresAt - madeAt;
    const { token, invite } = this.#create({ role, roomIds: rooms.map((room) => room.id), lastsMs, maxUses }, madeBy);
    return (await this.store.replace(id, invite)) ? { id: invite.id, token } : undefined;
  }

  /** @param actorId - The administrator. @returns Whether it was not revoked before. */
  revoke(id: string, actorId: string): Promise<boolean> {
    return this.store.revoke(id, this.#options.now(), actorId);
  }

  async list(): Promise<ListedInvite[]> {
    const now = this.#options.now();
    const invites = await this.store.list();
    const listed = invites.map((invite) => ({ ...invite, state: stateOf(invite, now), token: this.#tokenOf(invite) }));
    return listed.toSorted((one, other) => Number(other.state === 'open') - Number(one.state === 'open'));
  }

  /** Finds the invite of a link. Links that do not exist are counted by address. */
  async find(token: string, address: string): Promise<FoundInvite> {
    const { limits, attempts, now } = this.#options;
    const key = `invite address:${toNetwork(address)}`;
    // Before the look-up, so that concurrent guesses cannot pass the limit.
    const { count, resetMs } = limits === 'off' ? { count: 0, resetMs: 0 } : await attempts.count(key, misses.windowMs);
    if (count > misses.most) {
      await attempts.giveBack(key);
      return { state: 'limited', seconds: Math.ceil(resetMs / 1000) };
    }
    const tokenHash = hashToken(token);
    const invite = isTokenShaped(token) ? await this.store.find(tokenHash) : undefined;
    if (invite === undefined) return { state: 'unknown' };
    if (limits !== 'off') await attempts.giveBack(key);
    return { state: stateOf(invite, now()), invite, tokenHash };
  }

  #create(
    { role, roomIds, lastsMs, maxUses }: InviteChoice,
    madeBy: string,
  ): { readonly token: string; readonly invite: NewInvite } {
    const id = randomBytes(9).toString('base64url');
    const token = this.#derive(id) ?? createToken();
    const madeAt = this.#options.now();
    const expiresAt = lastsMs === null ? null : madeAt + lastsMs;
    return { token, invite: { id, tokenHash: hashToken(token), madeBy, madeAt, expiresAt, maxUses, role, roomIds } };
  }

  #tokenOf({ id, tokenHash }: Invite): string | undefined {
    const token = this.#derive(id);
    return token !== undefined && isSameText(hashToken(token), tokenHash) ? token : undefined;
  }

  #derive(id: string): string | undefined {
    const { secret } = this.#options;
    return secret === undefined
      ? undefined
      : createHmac('sha256', secret).update(`invite ${id}`).digest('base64url').slice(0, 24);
  }
}
