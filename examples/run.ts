/**
 * Starts one of the examples: `npm run example -- NAME --port=N`.
 * Warnings and errors are logged; `--logging=info` shows more.
 */
import { createLog, defineOptions, GaleError, logLevels, type Application, type HttpServer, type LogLevel } from 'gale';
import { createBroadcast } from './broadcast.ts';
import { createEcho } from './echo.ts';
import { createHello } from './hello.ts';
import { createHttpEcho } from './http-echo.ts';

const options = defineOptions({
  port: { type: 'integer', default: 8888, max: 65_535, env: 'PORT', help: 'TCP port; 0 takes a free one' },
  host: { type: 'text', default: '127.0.0.1', help: 'Address to listen on' },
  logging: { type: 'text', default: 'warn', choices: logLevels, help: 'Least level that is logged' },
  'max-message-bytes': {
    type: 'integer',
    default: 16_777_216,
    min: 1,
    help: 'echo only: largest message it takes, in bytes',
  },
});

const examples: Readonly<Record<string, (values: ReturnType<typeof options.parse>) => Application | HttpServer>> = {
  hello: (values) => createHello(settingsOf(values)),
  'http-echo': (values) => createHttpEcho(settingsOf(values)),
  echo: (values) => createEcho(settingsOf(values), values['max-message-bytes']),
  broadcast: (values) => createBroadcast(settingsOf(values)),
};

const usage = `npm run example -- NAME [options]

NAME is one of ${Object.keys(examples).join(', ')}.`;

try {
  await run(process.argv.slice(2));
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

async function run([name = '', ...words]: readonly string[]): Promise<void> {
  if (name === '--help' || words.includes('--help')) {
    console.log(options.help(usage));
    return;
  }
  const create = Object.hasOwn(examples, name) ? examples[name] : undefined;
  if (!create) throw new GaleError('OPTION_VALUE', `There is no example "${name}".\n\n${usage}`);
  const values = options.parse(words, process.env);
  const example = create(values);
  const server = await example.listen(values.port, values.host);
  console.log(`${name} listens on http://${values.host}:${server.port}/`);
}

function settingsOf(values: { readonly logging: string }): { log: ReturnType<typeof createLog> } {
  return { log: createLog({ level: values.logging as LogLevel }) };
}

function messageOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') return 'The port is in use; choose another with --port.';
  return error instanceof Error ? error.message : String(error);
}
