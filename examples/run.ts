/**
 * Starts one of the examples: `npm run example -- NAME --port=N`.
 * It logs warnings and errors; `--logging=info` logs more.
 */
import {
  Application,
  createLogger,
  defineOptions,
  GaleError,
  logLevels,
  runProgram,
  type HttpServer,
  type ListeningServer,
  type Logger,
  type LogLevel,
} from 'gale';
import { createBroadcast } from './broadcast.ts';
import { createEcho } from './echo.ts';
import { createEvents } from './events.ts';
import { createHello } from './hello.ts';
import { createHttpEcho } from './http-echo.ts';
import { createRooms, type RoomsExample } from './rooms.ts';
import { tutorials } from './tutorials/programs.ts';

type Example = Application | HttpServer | RoomsExample;

type Create = (
  settings: { readonly log: Logger },
  values: ReturnType<typeof options.parse>,
) => Example | Promise<Example>;

const examples: Readonly<Record<string, Create>> = {
  hello: createHello,
  'http-echo': createHttpEcho,
  echo: (settings, values) => createEcho(settings, values['max-message-bytes']),
  broadcast: createBroadcast,
  events: createEvents,
  rooms: (settings, { broker, data, limits }) =>
    createRooms(settings, { broker, data, limits: limits as 'on' | 'off' }),
  ...Object.fromEntries(Object.entries(tutorials).map(([name, create]) => [`tutorials/${name}`, create])),
};

const usage: string = `npm run example -- NAME [options]

NAME is one of ${namesOf(false)},
or a program of the tutorial, as in docs/guide/tutorials.md: ${namesOf(true)}.`;

const options = defineOptions(
  {
    port: { type: 'integer', default: 8888, max: 65_535, env: 'PORT', help: 'TCP port; 0 selects a free one' },
    host: { type: 'text', default: '127.0.0.1', help: 'Address to listen on' },
    logging: { type: 'text', default: 'warn', choices: logLevels, help: 'Lowest level that is logged' },
    processes: {
      type: 'integer',
      default: 1,
      max: 1024,
      help: 'Processes that serve the port; 0: one per processor. Each has its own clients, as broadcast shows',
    },
    'max-message-bytes': {
      type: 'integer',
      default: 16_777_216,
      min: 1,
      help: 'echo only: largest message it accepts, in bytes',
    },
    broker: { type: 'text', default: 'memory', help: 'rooms only: memory, sqlite, or the redis:// URL of a Redis' },
    data: { type: 'text', default: 'data/rooms-example', help: 'rooms only: folder for the file of sqlite' },
    limits: {
      type: 'text',
      default: 'on',
      choices: ['on', 'off'],
      help: 'rooms only: off removes the rates of people and rooms',
    },
  },
  usage,
);

try {
  await run(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function run([name = '', ...words]: readonly string[]): Promise<void> {
  // First, since it responds to `--help`, which may also replace the name.
  const values = options.parse(name === '--help' ? [name] : words, process.env);
  const create = Object.hasOwn(examples, name) ? examples[name] : undefined;
  if (!create) throw new GaleError('OPTION_VALUE', `There is no example "${name}".\n\n${usage}`);
  const settings = { log: createLogger({ level: values.logging as LogLevel }) };
  await runProgram(
    async ({ index, restarts }) => {
      const example = await create(settings, values);
      const server = await listen('application' in example ? example.application : example, values.port, values.host);
      if (index === 0 && restarts === 0) console.log(`${name} listens on http://${values.host}:${server.port}/`);
      return 'application' in example ? { close: (stop) => example.close(server, stop) } : server;
    },
    { ...settings, processes: values.processes, explain },
  );
}

async function listen(example: Application | HttpServer, port: number, host: string): Promise<ListeningServer> {
  if (example instanceof Application) return example.listen(port, host);
  return Object.assign(example, await example.listen(port, host));
}

function namesOf(areTutorials: boolean): string {
  const names = Object.keys(examples).filter((name) => name.startsWith('tutorials/') === areTutorials);
  return names.join(', ');
}

function explain(error: unknown): string | undefined {
  if (error instanceof GaleError) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EADDRINUSE' ? 'The port is in use; choose another with --port.' : undefined;
}
