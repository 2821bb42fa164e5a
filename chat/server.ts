/**
 * The chat room as a program: reads its options, opens its storage, listens, and shuts down in order.
 * If it cannot start, it prints one line on standard error and exits with code 1.
 */
import { createLogger, GaleError, runProgram, type Logger, type LogLevel, type Stoppable } from 'gale';
import { createChat, type ChatApplication } from './app.ts';
import { defaultConnectionsPerAddress, serverOptions } from './options.ts';
import { countTokenCharacters } from './setup/setup-token.ts';
import { StartError } from './start-error.ts';
import { readOrigin } from './public-origin.ts';
import { openStorage } from './storage.ts';

/** Hosts that mean all addresses of the machine. */
const anyAddress: readonly string[] = ['::', '0.0.0.0'];

/** Characters of `--setup-token`. Guesses are limited. */
const minSetupToken = 8;
const maxSetupToken = 200;

type Values = ReturnType<typeof serverOptions.parse>;

async function run(args: readonly string[]): Promise<void> {
  const options = serverOptions.parse(args, process.env);
  // An empty value is a variable that was not set. It must neither open the server to all nor write files here.
  for (const name of ['host', 'data'] as const) {
    if (options[name] === '') throw new StartError(`--${name} is empty; give a value or leave it out.`);
    // The URL of Redis in the wrong place. It contains a password, so the message omits it.
    if (options[name].includes('://') || (name === 'host' && options.host.includes('@'))) {
      throw new StartError(`--${name} must be ${name === 'host' ? 'a host name or address' : 'a folder'}; got a URL.`);
    }
  }
  readOrigin(options.origin);
  const setupToken = options['setup-token'];
  const count = countTokenCharacters(setupToken);
  if (setupToken !== '' && (count < minSetupToken || count > maxSetupToken)) {
    throw new StartError(
      `--setup-token must have ${minSetupToken} to ${maxSetupToken} characters, spaces and hyphens not counted; got ${count}. Leave it out to get a good one.`,
    );
  }
  const log = createLogger({ level: options.logging as LogLevel });
  await runProgram(() => serve(options, log), { log, explain });
}

async function serve(options: Values, log: Logger): Promise<Stoppable> {
  const trustedProxies = entriesOf(options['trusted-proxies']);
  const perAddress = options['max-connections-per-address'];
  const storage = await openStorage(options, log);
  const chat = await createChat({
    ...storage,
    log,
    origin: options.origin,
    limits: options.limits as 'on' | 'off',
    trustedProxies,
    registration: options.registration as 'invite' | 'open',
    ...(options['setup-token'] === '' ? {} : { setupToken: options['setup-token'] }),
    signIn: {
      accountsPerHour: options['accounts-per-hour'],
      signInsPerAddress: options['sign-ins-per-address'],
      failuresPerAddress: options['failures-per-address'],
      sessionsPerPerson: options['sessions-per-person'],
    },
    requests: {
      requestsPerMinute: options['requests-per-minute'],
      formsPerMinute: options['forms-per-minute'],
      visitorRequestsPerMinute: options['visitor-requests-per-minute'],
    },
    roomsPerHour: options['rooms-per-hour'],
    emptyRoomMs: options['empty-room-ms'],
    retentionDays: options['retention-days'],
    auditDays: options['audit-days'],
    maxConnections: options['max-connections'],
    ...(perAddress === defaultConnectionsPerAddress ? {} : { maxConnectionsPerAddress: perAddress }),
    rooms: {
      presenceLeaseMs: options['presence-lease-ms'],
      presenceGraceMs: options['presence-grace-ms'],
      presenceBatchMs: options['presence-batch-ms'],
      presenceNamesMax: options['presence-names-max'],
      personPublishBurst: options['person-publish-burst'],
      personPublishesPerSecond: options['person-publishes-per-second'],
      roomPublishBurst: options['room-publish-burst'],
      roomPublishesPerSecond: options['room-publishes-per-second'],
      commandBurst: options['command-burst'],
      commandsPerSecond: options['commands-per-second'],
      maxSocketsPerPerson: options['max-sockets-per-person'],
      maxSubscriptionsPerConnection: options['max-subscriptions-per-connection'],
      dedupeCount: options['dedupe-count'],
      identifyTimeoutMs: options['identify-timeout-ms'],
    },
  });
  const { port } = await chat.listen(options.port, options.host).catch((error: unknown) => {
    throw toStartError(error, options.port, options.host);
  });
  const notes = [
    ...(anyAddress.includes(options.host) ? ['open to other machines'] : []),
    ...(options.origin === '' ? [] : [`for people: ${options.origin}`]),
    ...(trustedProxies.length === 0 ? [] : [`trusted proxies: ${trustedProxies.join(', ')}`]),
  ];
  const address = `http://${shownHost(options.host)}:${port}${notes.length === 0 ? '' : ` (${notes.join('; ')})`}`;
  if (options.origin !== '' && trustedProxies.length === 0) {
    log.warn(
      { origin: options.origin },
      'No proxy is trusted, so all visitors who come through one have its address and share its limits; name it with --trusted-proxies',
    );
  }
  process.stdout.write(`Gale chat at ${address}, data in ${storage.place}, broker ${storage.broker.name}\n`);
  const hint = await setupHint(chat, options.origin || `http://${shownHost(options.host)}:${port}`);
  if (hint !== undefined) process.stdout.write(`${hint}\n`);
  return {
    close: async () => {
      await chat.close();
      await storage.close();
    },
  };
}

/** What to do if the chat has no administrator. */
async function setupHint({ setup }: ChatApplication, origin: string): Promise<string | undefined> {
  switch (await setup.state()) {
    case 'fresh':
      return `Open ${origin}/setup to create the administrator's account; from another machine it asks for the setup token ${setup.token}`;
    case 'headless':
      return `No administrator yet: run npm run chat -- user role NAME --role=administrator, or open ${origin}/setup with the setup token ${setup.token}`;
    case 'done':
      return undefined;
  }
}

/** Entries of a comma-separated list. */
function entriesOf(list: string): string[] {
  return list.split(',').flatMap((entry) => entry.trim() || []);
}

function toStartError(error: unknown, port: number, host: string): Error {
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EADDRINUSE':
      return new StartError(`Port ${port} of ${host} is in use; stop what uses it or choose another --port.`);
    case 'EACCES':
      return new StartError(`Port ${port} of ${host} is not allowed; choose one above 1023 with --port.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new StartError(`${host} is not an address of this machine; choose another --host.`);
    default:
      return error as Error;
  }
}

/** The host as a browser on this machine needs it. */
function shownHost(host: string): string {
  if (['127.0.0.1', '::1', ...anyAddress].includes(host)) return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

/** One line for errors that the operator can fix. */
function explain(error: unknown): string | undefined {
  const isExpected = error instanceof StartError || error instanceof GaleError;
  return isExpected ? error.message.replaceAll('\n', ' ') : undefined;
}

function fail(error: unknown): void {
  process.stderr.write(`${explain(error) ?? String((error as Error).stack ?? error)}\n`);
  process.exitCode = 1;
}

// A full disk, or a reader such as head that has ended, takes the output away and does not stop the chat.
process.stdout.on('error', () => undefined);

// Files are for their owner only, even in a folder that others can read.
process.umask(0o077);

await run(process.argv.slice(2)).catch(fail);
