/** `gale secret`: prints a new secret for signed cookies. */
import { randomBytes } from 'node:crypto';
import { CommandLineError, readCommandLine, type Command } from './command-line.ts';

/** Prints 256 random bits as one line of 43 characters. */
export const secretCommand: Command = {
  usage: 'secret',
  help: 'Print a new cookieSecret: 256 random bits.',
  async run(given) {
    const { words } = readCommandLine(this, {}, given);
    if (words.length > 0) throw new CommandLineError('secret takes no argument: npx gale secret');
    process.stdout.write(`${randomBytes(32).toString('base64url')}\n`);
    return 0;
  },
};
