#!/usr/bin/env -S node --conditions=gale-source
/**
 * The command `gale`: `npx gale COMMAND`. Each command has a file. In the published package, the first line has no option. The exit code is 0,
 * 1 if the command found or had an error, and 2 for a wrong command line.
 */
import { GaleError } from '../errors.ts';
import { messagesCommand } from './messages-command.ts';
import { CommandLineError, type Command } from './command-line.ts';
import { routesCommand } from './routes-command.ts';
import { secretCommand } from './secret-command.ts';
import { templatesCommand } from './templates-command.ts';
import { packageVersion } from './package-version.ts';

const commands: Readonly<Record<string, Command>> = {
  routes: routesCommand,
  templates: templatesCommand,
  messages: messagesCommand,
  secret: secretCommand,
};

const help = `npx gale COMMAND

${Object.values(commands)
  .map(({ usage, help }) => `  ${usage.padEnd(35)}  ${help}`)
  .join('\n')}
  ${'--version'.padEnd(35)}  Print the version of Gale.
  ${'--help'.padEnd(35)}  Print this, or after a command its options.
`;

async function run([name, ...words]: readonly string[]): Promise<number> {
  if (name === '--version') return print(`${await packageVersion()}\n`);
  if (name === '--help') return print(help);
  if (name === undefined) throw new CommandLineError(`A command is missing.\n\n${help}`);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command !== undefined) return command.run(words);
  throw new CommandLineError(`There is no command ${JSON.stringify(name.slice(0, 80))}.\n\n${help}`);
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

// The reader of a pipe, such as head, has read enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof GaleError || error instanceof CommandLineError)) throw error;
  process.stderr.write(`${error.message.trimEnd()}\n`);
  const isUsage = error instanceof CommandLineError || error.code.startsWith('OPTION_');
  process.exitCode = isUsage ? 2 : 1;
}
// An application that was imported may hold timers and sockets.
process.stdout.write('', () => process.exit());
