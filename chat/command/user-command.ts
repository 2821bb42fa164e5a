/** `npm run chat -- user`: adds people, changes their password or role, deactivates them. The server may run. */
import { randomBytes } from 'node:crypto';
import { defineOptions } from 'gale';
import { writeAudit, type AuditAction, type AuditDetails, type AuditEntry } from '../audit/audit-entry.ts';
import { DatabaseAccounts } from '../accounts/database-accounts.ts';
import { hashPassword } from '../accounts/password-hash.ts';
import { noteSessionsEnded } from '../accounts/sessions-ended.ts';
import type { Account } from '../accounts/account.ts';
import type { ChatDatabase, Step } from '../database/database.ts';
import type { Role } from '../database/tables.ts';
import { pagesEn } from '../locale/pages/en.ts';
import { maxPersonNameCodePoints, nameKey, storedNameKeys } from '../name.ts';
import { readPersonName } from '../names/person-name.ts';
import { markDeactivated, markReactivated } from '../people/deactivation.ts';
import { addPerson } from '../people/person.ts';
import { PeopleStore, type RemoveResult } from '../people/people-store.ts';
import { StartError } from '../start-error.ts';
import type { Command } from './command.ts';
import { databaseOptions, withDatabase } from './open-database.ts';
import { readPassword } from './read-password.ts';

const roles: readonly Role[] = ['administrator', 'member', 'guest'];

const details = `
  user add NAME                 add a person; the password is read from standard input
  user passwd NAME              change the password, and sign the person out everywhere
  user role NAME                change the role to that of --role
  user deactivate NAME          sign the person out everywhere, and refuse to sign them in
  user activate NAME            end that
`;

/** Prints what it did. Passwords come from standard input: \`printf %s 'the password' | npm run chat -- user add Ada\`. */
export const userCommand: Command = {
  usage: 'user add|passwd|role|deactivate|activate NAME',
  help: 'Add a person, or change one. The server may run.',
  async run(words) {
    const [action = '', ...rest] = words;
    const nameAt = rest.findIndex((word) => !word.startsWith('--'));
    const typed = nameAt === -1 ? '' : (rest[nameAt] ?? '');
    const options = defineOptions(
      {
        ...databaseOptions,
        role: { type: 'text', default: 'member', choices: roles, help: 'Role of the person, for add and role' },
      },
      `npm run chat -- ${this.usage}\n\n${this.help}\n${details}`,
    ).parse(action.startsWith('--') ? words : rest.filter((_, index) => index !== nameAt), process.env);
    const change = Object.hasOwn(changes, action) ? changes[action] : undefined;
    if (change === undefined || typed === '') {
      throw new StartError(
        `Say what to do and with whom: npm run chat -- ${this.usage}; got ${JSON.stringify(words.slice(0, 2).join(' ').slice(0, 80))}.`,
      );
    }
    assertRoleFits(action, rest);
    const done = await withDatabase(options, (database) => change(database, { typed, role: options.role as Role }));
    process.stdout.write(`${done}\n`);
  },
};

/** The last of two options would count, and an action that needs no role would ignore it. */
function assertRoleFits(action: string, words: readonly string[]): void {
  const count = words.filter((word) => word.startsWith('--role=')).length;
  if (count > 1) throw new StartError(`Give --role once; got it ${count} times.`);
  if (action === 'role' && count === 0) throw new StartError(`Give the new role: --role=${roles.join('|')}.`);
  if (count === 1 && action !== 'role' && action !== 'add')
    throw new StartError(`user ${action} takes no --role; change the role with npm run chat -- user role NAME.`);
}

interface Given {
  readonly typed: string;
  readonly role: Role;
}

const changes: Readonly<Record<string, (database: ChatDatabase, given: Given) => Promise<string>>> = {
  async add(database, { typed, role }) {
    const { tables } = database;
    const read = readPersonName(typed);
    if ('problem' in read)
      throw new StartError(`${JSON.stringify(typed.slice(0, 80))} cannot be a name. ${pagesEn[read.problem]}`);
    const { name } = read;
    const taken = `There is a person with the name ${JSON.stringify(name)} already; choose another name.`;
    if ((await new DatabaseAccounts(database).findByNameKey(nameKey(name))) !== undefined) throw new StartError(taken);
    const person = {
      id: randomBytes(12).toString('base64url'),
      name,
      nameKey: nameKey(name),
      passwordHash: await hashPassword(await readPassword()),
      createdAt: Date.now(),
      role,
    };
    const isAdded = await tables.transaction().execute(async (step) => {
      if (!(await addPerson(step, person))) return false;
      await writeAudit(step, entryOf('person.add', person.id, { role }), Date.now());
      return true;
    });
    if (isAdded) return `Added ${name}, ${role}.`;
    throw new StartError(taken);
  },

  async passwd(database, { typed }) {
    const { id, name } = await find(database, typed);
    const hash = await hashPassword(await readPassword());
    await database.tables.transaction().execute(async (step) => {
      await new DatabaseAccounts({ ...database, tables: step }).setPassword(id, hash, Date.now());
      await endSessions(step, id);
      // The servers find this entry, and end the windows of the sessions.
      await writeAudit(step, entryOf('person.password', id, {}), Date.now());
    });
    return `Changed the password of ${name}. Open windows end within two seconds.`;
  },

  async role(database, { typed, role }) {
    const { id, name, role: from } = await find(database, typed);
    const isNewGuest = role === 'guest' && from !== 'guest';
    const result = await new PeopleStore(database).setRole(id, role, async (step) => {
      // Open windows would keep their subscription to the lobby. The servers find the entry, and end the windows of the sessions.
      if (isNewGuest) {
        await noteSessionsEnded(step, id, Date.now());
        await endSessions(step, id);
      }
      await writeAudit(step, entryOf('person.role', id, { from, to: role }), Date.now());
    });
    assertDone(result, name);
    return `${name} is ${role} now.${isNewGuest ? ' Open windows end within two seconds.' : ''}`;
  },

  async deactivate(database, { typed }) {
    const { id, name } = await find(database, typed);
    assertDone(await markDeactivated(new PeopleStore(database), id, { actorId: null, at: Date.now() }), name);
    return `Deactivated ${name}. Open windows end within two seconds.`;
  },

  async activate(database, { typed }) {
    const { id, name } = await find(database, typed);
    assertDone(await markReactivated(new PeopleStore(database), id, { actorId: null, at: Date.now() }), name);
    return `Activated ${name}.`;
  },
};

/** An entry of the audit log; the command line has no person. */
function entryOf<Action extends AuditAction>(
  action: Action,
  target: string,
  details: AuditDetails[Action],
): AuditEntry<Action> {
  return { actorId: null, action, target, details };
}

async function find(database: ChatDatabase, typed: string): Promise<Account> {
  const accounts = new DatabaseAccounts(database);
  for (const key of storedNameKeys(typed, maxPersonNameCodePoints)) {
    const account = await accounts.findByNameKey(key);
    if (account !== undefined) return account;
  }
  throw new StartError(
    `There is no person with the name ${JSON.stringify(typed.slice(0, 80))}; check the name and --data.`,
  );
}

function assertDone(result: RemoveResult, name: string): void {
  if (result === 'last')
    throw new StartError(`${name} is the only administrator; make another person administrator first.`);
}

async function endSessions(step: Step, personId: string): Promise<void> {
  await step.deleteFrom('session').where('personId', '=', personId).execute();
  await step.deleteFrom('signInLink').where('personId', '=', personId).execute();
}
