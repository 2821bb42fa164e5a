/**
 * What the chat server can be told when it is started.
 */
import { defineOptions, logLevels, type IntegerOption, type Options, type TextOption } from 'gale';
import { roomsDefaults } from 'gale/rooms';
import { signInDefaults } from './accounts/try-limit.ts';

type ServerOptions = {
  readonly port: IntegerOption;
  readonly host: TextOption;
  readonly data: TextOption;
  readonly redis: TextOption;
  readonly origin: TextOption;
  readonly 'trusted-proxies': TextOption;
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
  readonly 'rooms-per-hour': IntegerOption;
  readonly 'empty-room-ms': IntegerOption;
  readonly 'presence-lease-ms': IntegerOption;
  readonly 'presence-grace-ms': IntegerOption;
  readonly 'presence-batch-ms': IntegerOption;
  readonly 'presence-names-max': IntegerOption;
};

/** As of `HttpServer`, which limits this machine too if a number is given. */
export const defaultConnectionsPerAddress = 1024;

/** A limit on how many there may be. */
function most(byDefault: number, help: string): IntegerOption {
  return { type: 'integer', default: byDefault, min: 1, max: 1_000_000, help };
}

/** Options of `npm start`. `COOKIE_SECRET` is not among them: a command line can be read by others on the machine. */
export const serverOptions: Options<ServerOptions> = defineOptions({
  port: { type: 'integer', default: 8888, max: 65_535, env: 'PORT', help: 'TCP port; 0 takes a free one' },
  host: {
    type: 'text',
    default: '127.0.0.1',
    env: 'HOST',
    help: 'Address to listen on; :: lets other machines in, which wants a proxy with TLS in front',
  },
  data: {
    type: 'text',
    default: './data',
    env: 'DATA_DIR',
    help: 'Folder that everything is kept in, without --redis',
  },
  redis: {
    type: 'text',
    default: '',
    env: 'REDIS_URL',
    help: 'redis://host:port; everything is kept there, so that several servers are one chat',
  },
  origin: {
    type: 'text',
    default: '',
    env: 'ORIGIN',
    help: 'https://chat.example, where people see this through a proxy; cookies are then for https alone',
  },
  'trusted-proxies': {
    type: 'text',
    default: '',
    env: 'TRUSTED_PROXIES',
    help: 'Proxies whose X-Forwarded-For, -Proto and -Host are believed: addresses, networks, loopback, private; with commas',
  },
  logging: { type: 'text', default: 'warn', choices: logLevels, env: 'LOGGING', help: 'Least level that is logged' },
  limits: {
    type: 'text',
    default: 'on',
    choices: ['on', 'off'],
    env: 'LIMITS',
    help: 'off: no rates and no counts per person or address, sign-in included; for tests and measurements only',
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
  'max-connections': most(65_536, 'Connections at once'),
  'max-connections-per-address': {
    type: 'integer',
    default: defaultConnectionsPerAddress,
    max: 1_000_000,
    help: 'Connections of one address at once; 0 is any number. This machine is limited only by another number than the default',
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
    help: 'Newest message ids of one person in one room that are known for a day, so that a retry is stored once',
  },
  'identify-timeout-ms': {
    type: 'integer',
    default: roomsDefaults.identifyTimeoutMs,
    min: 10,
    max: 600_000,
    help: 'Time in which a WebSocket must be identified and welcomed, in milliseconds',
  },
  'accounts-per-hour': most(signInDefaults.accountsPerHour, 'New accounts of one address in an hour'),
  'sign-ins-per-address': most(
    signInDefaults.signInsPerAddress,
    'Sign-ins of one address in 10 minutes, right or wrong',
  ),
  'failures-per-address': most(signInDefaults.failuresPerAddress, 'Wrong passwords of one address in 3 minutes'),
  'sessions-per-person': {
    type: 'integer',
    default: signInDefaults.sessionsPerPerson,
    min: 1,
    max: 1000,
    help: 'Browsers that one person is signed in with; the one not used for longest is signed out',
  },
  'rooms-per-hour': most(60, 'New rooms of one address in an hour'),
  'empty-room-ms': {
    type: 'integer',
    default: 86_400_000,
    max: 31_536_000_000,
    help: 'Age from which a room is removed that only its maker joined and nobody wrote in; 0 removes none',
  },
  'presence-lease-ms': {
    type: 'integer',
    default: 60_000,
    min: 1000,
    max: 86_400_000,
    help: 'How long people of a killed server count as here',
  },
  'presence-grace-ms': {
    type: 'integer',
    default: 10_000,
    max: 3_600_000,
    help: 'How long somebody whose line broke counts as here',
  },
  'presence-batch-ms': {
    type: 'integer',
    default: 1000,
    min: 1,
    max: 60_000,
    help: 'Time in which the people who come and go in a room are one event',
  },
  'presence-names-max': {
    type: 'integer',
    default: 200,
    max: 1000,
    help: 'People in a room above which its events count them and name nobody',
  },
});

/** Printed above the options by `--help`. */
export const usage = `npm start -- [options]

Serves the chat room. The secret that signs cookies is made at the first start and kept;
the environment variable COOKIE_SECRET (32 characters or more) gives another.`;
