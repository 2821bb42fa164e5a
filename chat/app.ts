/**
 * The chat as an application: it creates everything from a store and a broker, and maps paths to handlers.
 * It opens no file but the built page, and no port; server.ts and the tests do that.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, createLogger, HttpServer, Rooms, type Logger } from 'gale';
import { compress, securityHeaders } from 'gale/middleware';
import type { Broker, RoomsOptions } from 'gale/rooms';
import { healthRoutes } from 'gale/web';
import { Accounts } from './accounts/accounts.ts';
import { ChatSessions } from './accounts/chat-sessions.ts';
import { InactivePeople } from './accounts/inactive-people.ts';
import { LiveSessions } from './accounts/live-sessions.ts';
import { MissedRemovals } from './accounts/missed-removals.ts';
import { LoginHandler } from './accounts/login-handler.ts';
import { LogoutHandler } from './accounts/logout-handler.ts';
import type { HashCost } from './accounts/password-hash.ts';
import { RegisterHandler } from './accounts/register-handler.ts';
import { endsIn } from './accounts/sessions-ended.ts';
import { signInDefaults, type SignInLimits } from './accounts/attempt-limit.ts';
import { AuditHandler } from './audit/audit-handler.ts';
import { AuditLog } from './audit/audit-log.ts';
import { AccountLog } from './audit/account-log.ts';
import type { Chat, ChatInit } from './chat.ts';
import type { ChatDatabase } from './database/database.ts';
import { assertNumbers } from './dependency-numbers.ts';
import { History, historyConsumer } from './history/history.ts';
import { withoutTokens } from './log-without-tokens.ts';
import { MessageChanges } from './messages/changes/message-changes.ts';
import { MessageExcerpts } from './messages/changes/message-excerpts.ts';
import { ReadPositions } from './history/read-positions.ts';
import { Retention } from './history/retention.ts';
import { ChatSocket } from './messages/chat-socket.ts';
import type { ChatNotification } from './messages/chat-notification.ts';
import { AssetHandler } from './pages/asset-handler.ts';
import { Assets, urlPrefix } from './pages/assets.ts';
import { HomeHandler } from './pages/home-handler.ts';
import { InviteHandler } from './invites/invite-handler.ts';
import { InviteStore } from './invites/invite-store.ts';
import { InvitesHandler } from './invites/invites-handler.ts';
import { Invites } from './invites/invites.ts';
import { LanguageHandler } from './pages/language-handler.ts';
import { MeHandler } from './pages/me-handler.ts';
import { NotFoundHandler } from './pages/page-handler.ts';
import { requestLimits, type RequestLimits } from './pages/request-limits.ts';
import { pageSecurity } from './pages/security-headers.ts';
import { fillNameForms } from './names/name-forms.ts';
import { noteCommand } from './people/command-changes.ts';
import { PeopleHandler } from './people/people-handler.ts';
import { PictureFileHandler } from './people/picture-handler.ts';
import { ProfileLimit } from './people/profile-limit.ts';
import { PeopleStore } from './people/people-store.ts';
import { numberRanges } from './number-ranges.ts';
import { readOrigin } from './public-origin.ts';
import { DeletedRooms } from './rooms/deleted-rooms.ts';
import { Directory } from './rooms/directory.ts';
import { EmptyRooms } from './rooms/empty-rooms.ts';
import { RoomActions } from './rooms/room-actions.ts';
import { RoomLinkHandler } from './rooms/room-link-handler.ts';
import { RoomLimits } from './rooms/room-limits.ts';
import { RoomsHandler } from './rooms/rooms-handler.ts';
import { SettingsHandler } from './settings/settings-handler.ts';
import {
  DeleteHandler,
  PasswordHandler,
  PictureHandler,
  PreferencesHandler,
  ProfileHandler,
  SessionsHandler,
} from './settings/setting-handlers.ts';
import { Setup } from './setup/setup.ts';
import { SetupHandler } from './setup/setup-handler.ts';
import { SetupStore } from './setup/setup-store.ts';
import { deriveSetupToken } from './setup/setup-token.ts';
import { SignInLinkHandler } from './sign-in-links/sign-in-link-handler.ts';
import { SignInLinks } from './sign-in-links/sign-in-links.ts';
import type { ChatStore } from './store/store.ts';
import type { MessageData } from './wire.ts';

/** The parts of a chat. Their creator closes them, after the chat. */
export interface ChatDependencies {
  readonly database: ChatDatabase;
  readonly store: ChatStore;
  readonly broker: Broker;
  /** Signs cookies; the same on all servers of a chat. */
  readonly cookieSecret: string;
  /** Public origin of the chat, such as `https://chat.example`. Its pages may send forms and open the WebSocket; with https all cookies are Secure. */
  readonly origin?: string;
  /** Proxies whose X-Forwarded-For, -Proto and -Host are trusted; as the option of `HttpServer`. @defaultValue none */
  readonly trustedProxies?: readonly string[];
  /** Most connections at once; as the option of `HttpServer`. @defaultValue 65 536 */
  readonly maxConnections?: number;
  /** Most connections of one address at once; as the option of `HttpServer`. @defaultValue 1 024, not for this machine */
  readonly maxConnectionsPerAddress?: number;
  /** Who can make an account: people with an invite, or everybody. @defaultValue 'invite' */
  readonly registration?: 'invite' | 'open';
  /** Proves to the setup page that its visitor operates the server. @defaultValue derived from `cookieSecret` */
  readonly setupToken?: string;
  readonly log?: Logger;
  /** Clock of sessions and cookies, in milliseconds since 1970; for tests. @defaultValue `Date.now` */
  readonly now?: () => number;
  readonly rooms?: RoomsOptions;
  /**
   * `off` removes all rate limits and all limits per person and per address, and logs a warning; for tests and
   * measurements. Limits in bytes and timeouts remain. @defaultValue 'on'
   */
  readonly limits?: 'on' | 'off';
  /** Limits of sign-ins and registrations. */
  readonly signIn?: SignInLimits;
  /** Limits of pages and forms. */
  readonly requests?: RequestLimits;
  /** Most new rooms of one address in an hour; of one /64 for IPv6. @defaultValue 60 */
  readonly roomsPerHour?: number;
  /**
   * Age at which a room is removed that only its maker joined and that never had a message, in milliseconds;
   * 0 removes none. @defaultValue 24 hours
   */
  readonly emptyRoomMs?: number;
  /** Age at which messages are deleted, in days; 0 keeps them for ever. @defaultValue 0 */
  readonly retentionDays?: number;
  /** Days for which entries of the audit log are kept; 0: for good. @defaultValue 180 */
  readonly auditDays?: number;
  /** Folder of the built page. @defaultValue chat/dist */
  readonly distPath?: string;
  /** Cost of a password hash. @defaultValue the recommendation of OWASP */
  readonly hashCost?: HashCost;
}

/** A chat that can listen. */
export interface ChatApplication {
  /** Whether the chat needs a setup, and the token for it. */
  readonly setup: Pick<Setup, 'state' | 'token'>;
  /** Starts to listen. @returns The port and the address; rejects with the error of the operating system. */
  listen(port: number, host?: string): Promise<{ readonly port: number; readonly host: string }>;
  /** Stops: finishes running requests and closes sockets with code 1012, so that they reconnect. */
  close(): Promise<void>;
}

/** How long running requests and closing handshakes may take at shutdown, in milliseconds. */
const graceMs = 5000;
/** Forms are the largest bodies. */
const maxBodyBytes = 65_536;

const here = fileURLToPath(new URL('.', import.meta.url));

/**
 * Creates the chat.
 *
 * @throws {@link StartError} if the page is not built or the origin is invalid; {@link GaleError} for a number outside of its range or a
 * proxy that is not an address.
 */
export async function createChat(dependencies: ChatDependencies): Promise<ChatApplication> {
  assertNumbers(dependencies);
  const { database, store, broker, cookieSecret, limits = 'on', hashCost } = dependencies;
  const { now = Date.now, distPath = join(here, 'dist') } = dependencies;
  const log = withoutTokens(dependencies.log ?? createLogger());
  const origin = readOrigin(dependencies.origin ?? '');
  const assets = await Assets.read(distPath);
  await fillNameForms(database);
  if (limits === 'off') {
    log.warn({ limits }, 'The chat has no rate limits: sign-in, registration and room creation are not limited');
  }
  const rooms = new Rooms<MessageData>(broker, {
    log,
    limits,
    consumers: [historyConsumer],
    cursors: 'off',
    ...dependencies.rooms,
  });
  const history = new History(database, rooms, { log, onBegun: (roomId) => directory.noteBegun(roomId) });
  const readPositions = new ReadPositions(database, {
    notify: (personId, frame: ChatNotification) => {
      rooms.notify(personId, frame).catch((error: unknown) => {
        log.warn({ err: error }, 'A read position could not be sent to other windows');
      });
    },
    log,
  });
  const onExceeded = (personId: string, session: string): void => {
    chat.liveSessions.end(session);
    const notification: ChatNotification = { type: 'session-ended', session };
    rooms.notify(personId, notification).catch((error: unknown) => {
      log.warn({ err: error }, 'A notification of the end of a session failed');
    });
  };
  const { sessionsPerPerson, ...signIn } = { ...signInDefaults, ...dependencies.signIn };
  const isSecure = origin?.startsWith('https:') === true;
  const sessions = new ChatSessions(store.sessions, {
    maxPerPerson: limits === 'off' ? numberRanges.sessionsPerPerson.max : sessionsPerPerson,
    isSecure,
    onExceeded,
    findEnds: endsIn(database),
    now,
  });
  const roomLimits = new RoomLimits(store.attempts, { limits, roomsPerHour: dependencies.roomsPerHour ?? 60 });
  const directory = new Directory(store.rooms, rooms, {
    database,
    limits: roomLimits,
    readPositions,
    waitForCopy: (roomId, seq) => history.waitFor(roomId, seq, 1000),
    log,
  });
  const deletedRooms = new DeletedRooms(database, rooms, log);
  const roomActions = new RoomActions({ database, directory, deletedRooms, limits: roomLimits });
  const { emptyRoomMs = 24 * 60 * 60 * 1000 } = dependencies;
  const changes = new MessageChanges({ database, rooms, log, now });
  history.addDuty(() => changes.sweep());
  const retention = new Retention(database, rooms, { retentionDays: dependencies.retentionDays ?? 0, log, now });
  history.addDuty(() => retention.sweep());
  const emptyRooms = new EmptyRooms(store.rooms, rooms, { emptyRoomMs, log });
  const audit = new AuditLog(database, { days: dependencies.auditDays ?? 180, now });
  history.addDuty(() => audit.prune());
  const { attempts } = store;
  const chat: Chat = {
    database,
    people: new PeopleStore(database),
    profileLimit: new ProfileLimit(attempts, limits),
    setup: new Setup(new SetupStore(database), {
      token: dependencies.setupToken ?? deriveSetupToken(cookieSecret),
      origin,
      attempts,
      limits,
    }),
    invites: new Invites(new InviteStore(database), { secret: cookieSecret, attempts, limits, now }),
    signInLinks: new SignInLinks(database, { attempts, limits, now }),
    isRegistrationOpen: dependencies.registration === 'open',
    accounts: new Accounts(store.accounts, store.attempts, {
      ...signIn,
      limits,
      ...(hashCost ? { cost: hashCost } : {}),
    }),
    sessions,
    liveSessions: new LiveSessions(sessions, log),
    directory,
    roomActions,
    rooms,
    history,
    messages: {
      changes,
      excerpts: new MessageExcerpts(database),
      assertMember: (roomId, personId) => directory.assertMember(roomId, personId),
      assertWriter: (roomId, personId) => directory.assertWriter(roomId, personId),
    },
    readPositions,
    audit,
    accountLog: new AccountLog(database, { attempts, log, now }),
    chatAssets: {
      en: assets.of('browser/main.tsx', 'locale/en.ts'),
      'zh-CN': assets.of('browser/main.tsx', 'locale/zh-cn.ts'),
    },
    formAssets: assets.of('browser/forms.ts'),
    origin,
    sockets: new Set(),
    log,
  };
  const removals = new MissedRemovals({
    database,
    sockets: chat.sockets,
    isMember: (roomId, personId) => directory.isMember(roomId, personId),
    onCommand: (entry) =>
      void noteCommand(chat, entry).catch((error: unknown) => {
        log.warn(
          { err: error },
          'Windows were not notified of a change by the command line; they see it when they reconnect',
        );
      }),
  });
  const inactivePeople = new InactivePeople(database, chat.liveSessions, { log, now, removals });
  const init: ChatInit = { chat };
  const checks = { database: () => database.check(), broker: () => broker.check() };
  const application = new Application(
    [
      ['/', HomeHandler, { init }],
      ['/login', LoginHandler, { init }],
      ['/register', RegisterHandler, { init }],
      ['/setup', SetupHandler, { init }],
      ['/invite/:token', InviteHandler, { init }],
      ['/sign-in/:token', SignInLinkHandler, { init }],
      ['/settings', SettingsHandler, { init }],
      ['/settings/profile', ProfileHandler, { init }],
      ['/settings/picture', PictureHandler, { init }],
      ['/settings/preferences', PreferencesHandler, { init }],
      ['/settings/password', PasswordHandler, { init }],
      ['/settings/sessions', SessionsHandler, { init }],
      ['/settings/delete', DeleteHandler, { init }],
      ['/admin/people', PeopleHandler, { init }],
      ['/admin/invites', InvitesHandler, { init }],
      ['/admin/rooms', RoomsHandler, { init }],
      ['/admin/audit', AuditHandler, { init }],
      ['/people/:id/picture/:hash', PictureFileHandler, { init }],
      ['/logout', LogoutHandler, { init }],
      ['/language', LanguageHandler, { init }],
      ['/me', MeHandler, { init }],
      ['/rooms/:room', RoomLinkHandler, { init }],
      ...healthRoutes({ checks, readyPath: '/health' }),
      ['/socket', ChatSocket, { init }],
      [`${urlPrefix}assets/*path`, AssetHandler, { init: { root: join(distPath, 'assets') } }],
      [/.*/, NotFoundHandler, { init }],
    ],
    {
      cookieSecret,
      sessions: sessions.stored,
      xsrfCookies: true,
      xsrfCookieOptions: { httpOnly: true, ...(isSecure ? { secure: true } : {}) },
      allowedOrigins: origin === undefined ? [] : [origin],
      loginUrl: '/login',
      templatePath: join(here, 'templates'),
      maxFormBytes: maxBodyBytes,
      middleware: [
        compress(),
        securityHeaders(pageSecurity),
        ...(limits === 'off' ? [] : requestLimits(dependencies.requests)),
      ],
      log,
      now,
    },
  );
  const { trustedProxies = [], maxConnections } = dependencies;
  const maxConnectionsPerAddress = limits === 'off' ? 0 : dependencies.maxConnectionsPerAddress;
  const server = new HttpServer((request, response) => application.handle(request, response), {
    log,
    maxBodyBytes,
    trustedProxies,
    ...(maxConnections === undefined ? {} : { maxConnections }),
    ...(maxConnectionsPerAddress === undefined ? {} : { maxConnectionsPerAddress }),
  });
  history.start();
  return {
    setup: chat.setup,
    listen: (port, host) => server.listen(port, host),
    close: async () => {
      chat.liveSessions.close();
      // `server.close` sends 1001. Clients reconnect after 1012, so send it first.
      for (const socket of chat.sockets) socket.closeForRestart();
      await server.close({ graceMs });
      await inactivePeople.close();
      await emptyRooms.close();
      await deletedRooms.close();
      await changes.close();
      await rooms.close();
      await history.close();
      await readPositions.close();
      await sessions.close();
    },
  };
}
