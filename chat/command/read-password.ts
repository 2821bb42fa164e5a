/**
 * A password from standard input: other users of the machine can read a command line, and shells store it.
 */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { passwordProblem, type PasswordProblem } from '../accounts/password.ts';
import { StartError } from '../start-error.ts';

/**
 * Reads the first line. A terminal is asked for it and does not show it.
 *
 * @throws {@link StartError} for a password that is too short, too long, common or not UTF-8.
 */
export async function readPassword(): Promise<string> {
  const { stdin, stderr } = process;
  const isTerminal = stdin.isTTY;
  if (isTerminal) stderr.write('Password: ');
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: silent, terminal: isTerminal });
  let password = '';
  for await (const line of lines) {
    password = line;
    break;
  }
  lines.close();
  if (isTerminal) stderr.write('\n');
  // Text of another encoding: all such passwords of the same length would be equal.
  if (password.includes('\uFFFD'))
    throw new StartError('The password on standard input is not UTF-8; set the terminal to it.');
  const problem = passwordProblem(password);
  if (problem === undefined) return password;
  throw new StartError(`The password on standard input ${wrong[problem]}; use 8 to 256 characters.`);
}

const wrong: Readonly<Record<PasswordProblem, string>> = {
  passwordTooShort: 'is too short',
  passwordTooLong: 'is too long',
  passwordCommon: 'is one that many people use',
};
