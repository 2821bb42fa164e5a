/**
 * The command-line options of the chat server, and its `--help` text.
 */
import { defineOptions, logLevels, type IntegerOption, type Options, type TextOption } from 'gale';
import { roomsDefaults } from 'gale/rooms';
import { signInDefaults } from './accounts/attempt-limit.ts';
import { requestDefaults } from './pages/request-limits.ts';
import { countRange, numberRanges } from './number-ranges.ts';

type ServerOptions = {
  readonly port: IntegerOption;
  readonly host: TextOption;
  readonly data: TextOption;
  readonly redis: TextOption;
  readonly database: TextOption;
  readonly origin: TextOption;
  readonly 'trusted-proxies': TextOption;
  readonly registration: TextOption;
  readonly 'setup-token': TextOption;
  readonly logging: TextOption;
  readonly limits: TextOption;
  readonly 'person-publish-burst': IntegerOption;
  readonly 'person-publishes-per-second': IntegerOption;
  readonly 'room-publish-burst': IntegerOption;
  readonly 'room-publishes-per-second': IntegerOption;
  readonly 'command-burst': IntegerOption;
  readonly 'commands-per-second': IntegerOption;
  readonly 'max-connections': IntegerOption;
  readonly 'max-connections-per-address': IntegerOption;
  readonly 'max-sockets-per-person': IntegerOption;
  readonly 'max-subscriptions-per-connection': IntegerOption;
  readonly 'dedupe-count': IntegerOption;
  readonly 'identify-timeout-ms': IntegerOption;
  readonly 'accounts-per-hour': IntegerOption;
  readonly 'sign-ins-per-address': IntegerOption;
  readonly 'failures-per-address': IntegerOption;
  readonly 'sessions-per-person': IntegerOption;
  readonly 'requests-per-minute': IntegerOption;
  readonly 'forms-per-minute': IntegerOption;
  readonly 'visitor-requests-per-minute': IntegerOption;
  readonly 'rooms-per-hour': IntegerOption;
  readonly 'empty-room-ms': IntegerOption;
  readonly 'retention-days': IntegerOption;
  readonly 'audit-days': IntegerOption;
  readonly 'presence-lease-ms': IntegerOption;
  readonly 'presence-grace-ms': IntegerOption;
  readonly 'presence-batch-ms': IntegerOption;
  readonly 'presence-names-max': IntegerOption;
};

/** The default of `HttpServer`. With another number, clients on this machine are limited too. */
export const defaultConnectionsPerAddress = 1024;

/** An option that is a maximum. */
function most(byDefault: number, help: string): IntegerOption {
  return { type: 'integer', default: byDefault, ...countRange, help };
}

/** The text that `--help` prints above the options. */
const usage = `npm start -- [options]

Serves the chat room. The first start creates and stores the secret that signs cookies.
The environment variable COOKIE_SECRET (32 characters or more) replaces it.`;

/** Options of `npm start`. `COOKIE_SECRET` is not one of them, because other users of the machine can read a command line. */
export const serverOptions: Options<ServerOptions> = defineOptions(
  {
    port: { type: 'integer', default: 8888, max: 65_535, env: 'PORT', help: 'TCP port; 0 selects a free one' },
    host: {
      type: 'text',
      default: '127.0.0.1',
      env: 'HOST',
      help: 'Address to listen on; :: accepts other machines, which requires a proxy with TLS',
    },
    data: {
      type: 'text',
      default: './data',
      env: 'DATA_DIR',
      help: 'Folder for all data, without --redis and --database; only one server uses it',
    },
    redis: {
      type: 'text',
      default: '',
      env: 'REDIS_URL',
      help: 'redis://host:port for live messages; with --database, several servers form one chat',
    },
    database: {
      type: 'text',
      default: '',
      env: 'DATABASE_URL',
      help: 'postgres://name@host/database for people, rooms and all messages; by default SQLite in --data',
    },
    origin: {
      type: 'text',
      default: '',
      env: 'ORIGIN',
      help: 'Public origin after a proxy, such as https://chat.example; with https all cookies are Secure',
    },
    'trusted-proxies': {
      type: 'text',
      default: '',
      env: 'TRUSTED_PROXIES',
      help: 'Proxies whose X-Forwarded-For, -Proto and -Host are trusted: comma-separated addresses, networks, loopback, private',
    },
    registration: {
      type: 'text',
      default: 'invite',
      choices: ['invite', 'open'],
      env: 'REGISTRATION',
      help: 'Who can make an account: people with an invite link, or everybody (open)',
    },
    'setup-token': {
      type: 'text',
      default: '',
      env: 'SETUP_TOKEN',
      help: 'Token that the page of the first start asks for, 8 characters or more; without it, the server chooses and prints one',
    },
    logging: { type: 'text', default: 'warn', choices: logLevels, env: 'LOGGING', help: 'Lowest level that is logged' },
    limits: {
      type: 'text',
      default: 'on',
      choices: ['on', 'off'],
      env: 'LIMITS',
      help: 'off: no rate limits and no limits per person or address, also for sign-ins; only for tests and measurements',
    },
    'person-publish-burst': most(roomsDefaults.personPublishBurst, 'Messages of one person at once'),
    'person-publishes-per-second': most(
      roomsDefaults.personPublishesPerSecond,
      'Messages of one person each second after that',
    ),
    'room-publish-burst': most(roomsDefaults.roomPublishBurst, 'Messages of all people in one room at once'),
    'room-publishes-per-second': most(
      roomsDefaults.roomPublishesPerSecond,
      'Messages in one room each second after that',
    ),
    'command-burst': most(roomsDefaults.commandBurst, 'Commands of one person at once, messages included'),
    'commands-per-second': most(roomsDefaults.commandsPerSecond, 'Commands of one person each second after that'),
    'max-connections': most(65_536, 'Most connections at once'),
    'max-connections-per-address': {
      type: 'integer',
      default: defaultConnectionsPerAddress,
      max: 1_000_000,
      help: 'Most connections of one address at once; 0: no limit. Clients on this machine are limited only if it is not the default',
    },
    'max-sockets-per-person': most(roomsDefaults.maxSocketsPerPerson, 'Open windows of one person'),
    'max-subscriptions-per-connection': most(
      roomsDefaults.maxSubscriptionsPerConnection,
      'Rooms that one window is subscribed to',
    ),
    'dedupe-count': {
      type: 'integer',
      default: roomsDefaults.dedupeCount,
      min: 1,
      max: 4096,
      help: 'Newest message ids per person and room that are stored for a day, so that a retried message is stored once',
    },
    'identify-timeout-ms': {
      type: 'integer',
      default: roomsDefaults.identifyTimeoutMs,
      min: 10,
      max: 600_000,
      help: 'Timeout for the identification of a new WebSocket, until its welcome, in milliseconds',
    },
    'accounts-per-hour': most(signInDefaults.accountsPerHour, 'New accounts of one address in an hour'),
    'sign-ins-per-address': most(
      signInDefaults.signInsPerAddress,
      'Sign-ins of one address in 10 minutes, successful or not',
    ),
    'failures-per-address': most(signInDefaults.failuresPerAddress, 'Wrong passwords of one address in 3 minutes'),
    'sessions-per-person': {
      type: 'integer',
      default: signInDefaults.sessionsPerPerson,
      ...numberRanges.sessionsPerPerson,
      help: 'Sessions of one person; a new one over the limit ends the one that was unused for the longest time',
    },
    'requests-per-minute': most(
      requestDefaults.requestsPerMinute,
      'Pages, pictures and forms of one person in a minute',
    ),
    'forms-per-minute': most(requestDefaults.formsPerMinute, 'Forms of one person in a minute'),
    'visitor-requests-per-minute': most(
      requestDefaults.visitorRequestsPerMinute,
      'Pages and forms of one address in a minute, of visitors who are not signed in',
    ),
    'rooms-per-hour': most(60, 'New rooms of one address in an hour'),
    'empty-room-ms': {
      type: 'integer',
      default: 86_400_000,
      ...numberRanges.emptyRoomMs,
      help: 'Age at which a room without messages, which only its maker joined, is removed, in milliseconds; 0: never',
    },
    'audit-days': {
      type: 'integer',
      default: 180,
      ...numberRanges.auditDays,
      help: 'Days for which the log of administration is kept; 0: for good',
    },
    'retention-days': {
      type: 'integer',
      default: 0,
      ...numberRanges.retentionDays,
      help: 'Age at which messages are deleted, in days; 0: they are kept for ever',
    },
    'presence-lease-ms': {
      type: 'integer',
      default: 60_000,
      min: 1000,
      max: 86_400_000,
      help: 'Time until the people of a killed server are shown as gone, in milliseconds',
    },
    'presence-grace-ms': {
      type: 'integer',
      default: 10_000,
      max: 3_600_000,
      help: 'Time until a person whose connection was lost is shown as gone, in milliseconds',
    },
    'presence-batch-ms': {
      type: 'integer',
      default: 1000,
      min: 1,
      max: 60_000,
      help: 'Interval for which presence changes of a room are sent as one event, in milliseconds',
    },
    'presence-names-max': {
      type: 'integer',
      default: 200,
      max: 1000,
      help: 'Most people in a room whose presence events contain names; larger rooms get only the count',
    },
  },
  usage,
);
