/**
 * The commands for operators: `npm run chat -- COMMAND`. Each command has a file. The exit code is 0, 1 if the command failed, and 2 for a
 * wrong command line.
 */
import { GaleError } from 'gale';
import { StartError } from '../start-error.ts';
import { backupCommand } from './backup-command.ts';
import type { Command } from './command.ts';
import { doctorCommand } from './doctor-command.ts';
import { inviteCommand } from './invite-command.ts';
import { restoreCommand } from './restore-command.ts';
import { userCommand } from './user-command.ts';

const commands: Readonly<Record<string, Command>> = {
  backup: backupCommand,
  restore: restoreCommand,
  doctor: doctorCommand,
  user: userCommand,
  invite: inviteCommand,
};

const help = `npm run chat -- COMMAND

${Object.values(commands)
  .map((command) => `  ${command.usage.padEnd(48)}  ${command.help}`)
  .join('\n')}
  ${'--help'.padEnd(48)}  Print this, or after a command its options.
`;

async function run([name = '', ...words]: readonly string[]): Promise<number> {
  if (name === '--help') {
    process.stdout.write(help);
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    const problem = name === '' ? 'A command is missing.' : `There is no command ${JSON.stringify(name.slice(0, 80))}.`;
    process.stderr.write(`${problem}\n\n${help}`);
    return 2;
  }
  try {
    await command.run(words);
    return 0;
  } catch (error) {
    if (!(error instanceof GaleError || error instanceof StartError)) throw error;
    process.stderr.write(`${error.message.replaceAll('\n', ' ')}\n`);
    return error instanceof GaleError && error.code.startsWith('OPTION_') ? 2 : 1;
  }
}

process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  // The reader of a pipe, such as head, has read enough.
  if (code === 'EPIPE') process.exit(0);
  process.stderr.write(`The command is done, but its output cannot be written: ${message}.\n`);
  process.exit(1);
});

// Files are for their owner only.
process.umask(0o077);

process.exitCode = await run(process.argv.slice(2));
