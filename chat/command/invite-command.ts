/** `npm run chat -- invite`: makes an invite link and prints it once. The server may run. */
import { defineOptions } from 'gale';
import { InviteStore } from '../invites/invite-store.ts';
import { inviteLifetimes, Invites, maxInviteRooms, maxInviteUses, type InviteLifetime } from '../invites/invites.ts';
import type { InviteRole } from '../invites/invite.ts';
import { nameKey } from '../name.ts';
import { readOrigin } from '../public-origin.ts';
import { StartError } from '../start-error.ts';
import { MemoryAttempts } from '../store/memory-attempts.ts';
import { lobbyId } from '../wire.ts';
import type { ChatDatabase } from '../database/database.ts';
import type { Command } from './command.ts';
import { databaseOptions, withDatabase } from './open-database.ts';

/** Prints the link. The database has only its hash. */
export const inviteCommand: Command = {
  usage: 'invite --origin=URL',
  help: 'Make an invite link. The server may run.',
  async run(words) {
    const options = defineOptions(
      {
        ...databaseOptions,
        origin: { type: 'text', default: '', env: 'ORIGIN', help: 'Where people reach the chat' },
        role: { type: 'text', default: 'member', choices: ['member', 'guest'], help: 'What people become' },
        lasts: { type: 'text', default: 'week', choices: Object.keys(inviteLifetimes), help: 'How long it is valid' },
        uses: { type: 'integer', default: 0, max: maxInviteUses, help: 'How many people can join; 0: any number' },
        rooms: { type: 'text', default: '', help: 'Names of rooms that they join, separated by commas; lobby' },
      },
      `npm run chat -- ${this.usage}\n\n${this.help}`,
    ).parse(words, process.env);
    const origin = readOrigin(options.origin);
    if (origin === undefined)
      throw new StartError(
        'invite needs the address at which people reach the chat, such as --origin=https://chat.example or --origin=http://localhost:8888.',
      );
    const role = options.role as InviteRole;
    await withDatabase(options, async (database) => {
      const roomIds = await findRooms(database, options.rooms);
      if (role === 'guest' && roomIds.length === 0)
        throw new StartError('A guest needs at least one room; name it with --rooms.');
      const invites = new Invites(new InviteStore(database), {
        // The secret of the server may be in Redis, so the list of invites cannot show this link again.
        secret: undefined,
        attempts: new MemoryAttempts(),
        limits: 'on',
        now: Date.now,
      });
      const lastsMs = inviteLifetimes[options.lasts as InviteLifetime];
      const { token } = await invites.make({ role, roomIds, lastsMs, maxUses: options.uses || null }, '');
      process.stdout.write(`${origin}/invite/${token}\n`);
    });
  },
};

async function findRooms({ tables }: ChatDatabase, names: string): Promise<string[]> {
  const ids = new Set<string>();
  for (const name of names.split(',').flatMap((entry) => entry.trim() || [])) {
    const rooms = tables
      .selectFrom('room')
      .select(['id', 'archivedAt'])
      .where('hidden', '=', 0)
      .where('kind', '<>', 'direct');
    const isLobby = name === lobbyId;
    const room = await (
      isLobby ? rooms.where('id', '=', lobbyId) : rooms.where('nameKey', '=', nameKey(name.slice(0, 100)))
    ).executeTakeFirst();
    const shown = JSON.stringify(name.slice(0, 80));
    if (room === undefined) throw new StartError(`There is no room with the name ${shown}.`);
    if (room.archivedAt !== null)
      throw new StartError(`The room ${shown} is archived, so nobody joins it; open it again, or name another.`);
    ids.add(room.id);
  }
  if (ids.size > maxInviteRooms)
    throw new StartError(`--rooms must be at most ${maxInviteRooms} rooms; got ${ids.size}.`);
  return [...ids];
}
