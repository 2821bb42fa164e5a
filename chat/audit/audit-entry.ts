/**
 * What the audit log records, and the row of an entry. An entry is written in the transaction of the change, so neither exists without the
 * other one. It has ids of people and no texts of messages. Only `person.rename` has names of people, and is removed with the account: who
 * deletes it is not named afterwards. Rooms can be removed, so their names are in it.
 */
import type { Step } from '../database/database.ts';
import type { Role } from '../database/tables.ts';

/** The details of each action. The target is a person for `person.…` and `session.…`, a room for `room.…` and `message.…`, an invite for `invite.…`. */
export interface AuditDetails {
  readonly setup: Readonly<Record<string, never>>;
  readonly 'person.add': { readonly role: Role };
  readonly 'person.deactivate': { readonly sessions: number; readonly invites: number };
  readonly 'person.reactivate': Readonly<Record<string, never>>;
  readonly 'person.role': { readonly from: Role; readonly to: Role };
  /** Of one's own name. */
  readonly 'person.rename': { readonly from: string; readonly to: string };
  readonly 'person.password': Readonly<Record<string, never>>;
  /** Of one's own account. */
  readonly 'person.own-password': { readonly address: string };
  readonly 'person.delete': { readonly role: Role };
  readonly 'person.link': Readonly<Record<string, never>>;
  readonly 'session.begin': { readonly address: string };
  /** A sign-in with a link of an administrator. */
  readonly 'session.link': { readonly address: string };
  /** Other sessions of one's own. */
  readonly 'session.end': { readonly address: string; readonly count: number };
  /** The target is null if nobody has the name. */
  readonly 'session.fail': { readonly address: string };
  readonly 'invite.make': { readonly role: Role; readonly maxUses: number | null; readonly expiresAt: number | null };
  readonly 'invite.renew': Readonly<Record<string, never>>;
  readonly 'invite.revoke': Readonly<Record<string, never>>;
  readonly 'room.rename': { readonly from: string; readonly to: string };
  readonly 'room.topic': { readonly name: string; readonly from: string; readonly to: string };
  readonly 'room.archive': { readonly name: string };
  readonly 'room.unarchive': { readonly name: string };
  readonly 'room.delete': { readonly name: string };
  readonly 'room.remove-person': { readonly name: string; readonly person: string };
  /** Of a private room. `person` is one of them. */
  readonly 'room.add-people': { readonly name: string; readonly person: string; readonly count: number };
  readonly 'room.owner': { readonly name: string; readonly person: string };
  readonly 'room.no-owner': { readonly name: string; readonly person: string };
  readonly 'message.delete': { readonly seq: number; readonly author: string };
}

/** `actorId` of what somebody did who is not signed in. No person has this id: those are longer. */
export const visitorActor = 'visitor';

/** The name of an action. */
export type AuditAction = keyof AuditDetails;

/** One action with its details. */
export type AuditEntry<Action extends AuditAction = AuditAction> = {
  readonly [Each in Action]: {
    /** Id of the person who did it; {@link visitorActor} for somebody who is not signed in, null for the command line. */
    readonly actorId: string | null;
    readonly action: Each;
    /** Id of the person, room or invite. */
    readonly target: string | null;
    readonly details: AuditDetails[Each];
  };
}[Action];

/** Longest details, in characters of JSON. The longest are two topics of a room. */
export const maxDetailsCharacters = 2000;

/** Writes an entry. Call it in the transaction of the change. */
export async function writeAudit(step: Step, entry: AuditEntry, at: number): Promise<void> {
  const { actorId, action, target, details } = entry;
  const text = JSON.stringify(details);
  if (text.length > maxDetailsCharacters) {
    throw new RangeError(
      `The details of ${action} have ${text.length} characters, the most are ${maxDetailsCharacters}.`,
    );
  }
  await step.insertInto('audit').values({ at, actorId, action, target, details: text }).execute();
}
