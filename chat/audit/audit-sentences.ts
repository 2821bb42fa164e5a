/**
 * The entries of the audit log as sentences. An entry may come from another version: details that are missing or of another type are shown
 * as empty, and an unknown action by its name.
 */
import type { Role } from '../database/tables.ts';
import type { PageKey, TranslatePage } from '../locale/pages/index.ts';
import { handleOf } from '../names/handle.ts';
import { roleNames } from '../people/role-names.ts';
import { visitorActor, type AuditAction } from './audit-entry.ts';
import type { AuditPage, StoredEntry } from './audit-log.ts';

const sentences: Readonly<Record<AuditAction, PageKey>> = {
  setup: 'auditSetup',
  'person.add': 'auditPersonAdd',
  'person.deactivate': 'auditPersonDeactivate',
  'person.reactivate': 'auditPersonReactivate',
  'person.role': 'auditPersonRole',
  'person.rename': 'auditPersonRename',
  'person.password': 'auditPersonPassword',
  'person.own-password': 'auditPersonOwnPassword',
  'person.delete': 'auditPersonDelete',
  'person.link': 'auditPersonLink',
  'session.begin': 'auditSessionBegin',
  'session.link': 'auditSessionLink',
  'session.end': 'auditSessionEnd',
  'session.fail': 'auditSessionFail',
  'invite.make': 'auditInviteMake',
  'invite.renew': 'auditInviteRenew',
  'invite.revoke': 'auditInviteRevoke',
  'room.rename': 'auditRoomRename',
  'room.topic': 'auditRoomTopic',
  'room.archive': 'auditRoomArchive',
  'room.unarchive': 'auditRoomUnarchive',
  'room.delete': 'auditRoomDelete',
  'room.remove-person': 'auditRoomRemovePerson',
  'room.add-people': 'auditRoomAddPeople',
  'room.owner': 'auditRoomOwner',
  'room.no-owner': 'auditRoomNoOwner',
  'message.delete': 'auditMessageDelete',
};

/** Longest unknown action that is shown, in characters. */
const maxActionCharacters = 40;

/** @returns Who did what, in the language of `t`. */
export function toSentence(
  entry: StoredEntry,
  { people, rooms }: Pick<AuditPage, 'people' | 'rooms'>,
  t: TranslatePage,
): string {
  const { action, target, actorId, details } = entry;
  const personOf = (id: unknown): string => isolate(people.get(text(id)) || formerPerson(text(id), t));
  const roomOf = (id: string | null): string => {
    const room = rooms.get(id ?? '');
    return room?.kind === 'lobby' ? t('lobby') : room?.name || t('formerRoom');
  };
  const role = (value: unknown): string => (isRole(value) ? t(roleNames[value]) : '');
  const isAboutPerson = action.startsWith('person.') || action.startsWith('session.');
  const key = Object.hasOwn(sentences, action) ? sentences[action as AuditAction] : 'auditOther';
  const isOfNobody = key === 'auditSessionFail' && target === null;
  const actors: Readonly<Record<string, string>> = { '': t('commandLine'), [visitorActor]: t('visitor') };
  return t(isOfNobody ? 'auditSessionUnknown' : key, {
    actor: actors[actorId ?? ''] ?? personOf(actorId),
    action: action.slice(0, maxActionCharacters),
    person: personOf(isAboutPerson ? target : (details['person'] ?? details['author'])),
    role: role(details['role']),
    address: isolate(text(details['address'])),
    count: typeof details['count'] === 'number' ? details['count'] : 0,
    from: isolate(action === 'person.role' ? role(details['from']) : text(details['from'])),
    to: isolate(action === 'person.role' ? role(details['to']) : text(details['to'])),
    name: isolate(text(details['name']) || roomOf(target)),
  });
}

/** Accounts that were deleted have no name. Their handles tell who did the same things. */
function formerPerson(id: string, t: TranslatePage): string {
  return id === '' ? t('formerPerson') : `${t('formerPerson')} ${handleOf(id)}`;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isRole(value: unknown): value is Role {
  return typeof value === 'string' && Object.hasOwn(roleNames, value);
}

/** Keeps the direction of a name away from the text around it. Only names with letters that are written from right to left need it. */
function isolate(name: string): string {
  return /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u.test(name)
    ? `\u2068${name}\u2069`
    : name;
}
