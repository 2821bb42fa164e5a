/**
 * Read positions in Redis: one hash for each room, next to its stream, so that the script can compare the epoch.
 */
import type { Cursors } from '../../broker.ts';
import type { Position } from '../../stream.ts';
import type { RedisKeys } from './redis-keys.ts';
import type { RedisConnection } from '../../../stores/redis-connection.ts';
import { RedisScript } from '../../../stores/redis-script.ts';

/** Keys: head, cursors. Arguments: person, epoch, offset. A cursor is stored as `offset epoch`. Same rules as `furtherOf`. */
export const advanceScript: RedisScript = new RedisScript(`
local person, epoch, offset = unpack(ARGV)
local before = redis.call('HGET', KEYS[2], person)
if before then
  local itsOffset, itsEpoch = string.match(before, '^(%d+) (.*)$')
  if itsEpoch == epoch and tonumber(itsOffset) >= tonumber(offset) then return before end
  if itsEpoch ~= epoch and itsEpoch == redis.call('HGET', KEYS[1], 'epoch') then return before end
end
redis.call('HSET', KEYS[2], person, offset .. ' ' .. epoch)
return offset .. ' ' .. epoch
`);

/** Cursors in Redis. */
export class RedisCursors implements Cursors {
  readonly #connection: RedisConnection;
  readonly #keys: RedisKeys;

  constructor(connection: RedisConnection, keys: RedisKeys) {
    this.#connection = connection;
    this.#keys = keys;
  }

  async getAll(person: string, rooms: readonly string[]): Promise<Map<string, Position>> {
    const found = new Map<string, Position>();
    const texts = await Promise.all(
      rooms.map((room) => this.#connection.run((client) => client.hGet(this.#keys.cursors(room), person))),
    );
    for (const [index, room] of rooms.entries()) {
      const text = texts[index];
      if (text) found.set(room, toPosition(text));
    }
    return found;
  }

  async advance(room: string, person: string, { epoch, offset }: Position): Promise<Position> {
    const keys = [this.#keys.head(room), this.#keys.cursors(room)];
    const args = [person, epoch, String(offset)];
    return toPosition((await this.#connection.run((client) => advanceScript.run(client, keys, args))) as string);
  }

  async delete(room: string, person: string): Promise<void> {
    await this.#connection.run((client) => client.hDel(this.#keys.cursors(room), person));
  }
}

function toPosition(text: string): Position {
  const space = text.indexOf(' ');
  return { epoch: text.slice(space + 1), offset: Number(text.slice(0, space)) };
}
