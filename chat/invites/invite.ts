/**
 * An invite: a link with which people join, until it expires, is used up or is revoked.
 */
import type { Role, RoomKind } from '../database/tables.ts';

/** Roles that a link can give. Only an administrator makes another one, by name. */
export type InviteRole = Exclude<Role, 'administrator'>;

/** A room that people join with an invite. */
export interface InviteRoom {
  readonly id: string;
  readonly kind: RoomKind;
  /** Empty for the lobby. */
  readonly name: string;
}

/** A room of an invite, as it is now. Deleted ones are missing. */
export interface InvitedRoom extends InviteRoom {
  /** Nobody joins an archived room. */
  readonly isArchived: boolean;
}

/** An invite without its token. Times are in milliseconds since 1970. */
export interface Invite {
  readonly id: string;
  /** SHA-256 of the token. */
  readonly tokenHash: string;
  /** Id of the administrator; empty if the command line made it. */
  readonly madeBy: string;
  readonly madeAt: number;
  /** Null: never. */
  readonly expiresAt: number | null;
  /** Null: any number. */
  readonly maxUses: number | null;
  readonly uses: number;
  readonly role: InviteRole;
  readonly revokedAt: number | null;
  readonly rooms: readonly InvitedRoom[];
}

/** Whether people can join with it, or why not. */
export type InviteState = 'open' | 'expired' | 'used' | 'revoked';

export function stateOf({ expiresAt, maxUses, uses, revokedAt }: Invite, now: number): InviteState {
  if (revokedAt !== null) return 'revoked';
  if (expiresAt !== null && expiresAt <= now) return 'expired';
  return maxUses !== null && uses >= maxUses ? 'used' : 'open';
}
