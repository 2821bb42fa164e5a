/**
 * The parts of the chat that its handlers use. app.ts creates them; each route passes them to its handler.
 */
import type { Logger, Rooms } from 'gale';
import type { Accounts } from './accounts/accounts.ts';
import type { ChatSessions } from './accounts/chat-sessions.ts';
import type { LiveSessions } from './accounts/live-sessions.ts';
import type { RemovableSocket } from './accounts/missed-removals.ts';
import type { AuditLog } from './audit/audit-log.ts';
import type { AccountLog } from './audit/account-log.ts';
import type { PageAssets } from './pages/assets.ts';
import type { ChatDatabase } from './database/database.ts';
import type { History } from './history/history.ts';
import type { MessageCommandParts } from './messages/changes/message-commands.ts';
import type { ReadPositions } from './history/read-positions.ts';
import type { Invites } from './invites/invites.ts';
import type { Language } from './locale/index.ts';
import type { PeopleStore } from './people/people-store.ts';
import type { Directory } from './rooms/directory.ts';
import type { RoomActions } from './rooms/room-actions.ts';
import type { Setup } from './setup/setup.ts';
import type { ProfileLimit } from './people/profile-limit.ts';
import type { SignInLinks } from './sign-in-links/sign-in-links.ts';
import type { MessageData } from './wire.ts';

/** The `init` of every route of the chat. */
export interface ChatInit {
  readonly chat: Chat;
}

export interface Chat {
  /** People, rooms and all messages. */
  readonly database: ChatDatabase;
  readonly accounts: Accounts;
  readonly people: PeopleStore;
  readonly profileLimit: ProfileLimit;
  readonly setup: Setup;
  readonly invites: Invites;
  readonly signInLinks: SignInLinks;
  /** Whether everybody can make an account; otherwise people need an invite. */
  readonly isRegistrationOpen: boolean;
  readonly sessions: ChatSessions;
  readonly liveSessions: LiveSessions;
  readonly directory: Directory;
  readonly roomActions: RoomActions;
  readonly rooms: Rooms<MessageData>;
  /** All messages. */
  readonly history: History;
  /** Changes of stored messages, and parts of them. */
  readonly messages: MessageCommandParts;
  /** How far each person has read each room. */
  readonly readPositions: ReadPositions;
  /** What administrators did. */
  readonly audit: AuditLog;
  readonly accountLog: AccountLog;
  /** Scripts and styles of the page with the rooms, by its language. */
  readonly chatAssets: Readonly<Record<Language, PageAssets>>;
  /** Scripts and styles of the pages with forms. */
  readonly formAssets: PageAssets;
  /** The public origin of the chat, if `--origin` is given. */
  readonly origin: string | undefined;
  /** The sockets of all windows on this server. */
  readonly sockets: Set<RemovableSocket & { closeForRestart(): void }>;
  readonly log: Logger;
}
