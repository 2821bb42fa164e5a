/**
 * Read positions in Redis: one hash for each room, next to its stream, so that the script can compare the epoch.
 */
import type { Cursors } from '../../broker.ts';
import { earlyLife } from '../../lives.ts';
import type { Position } from '../../stream.ts';
import type { RedisKeys } from './redis-keys.ts';
import type { RedisConnection } from '../../../stores/redis-connection.ts';
import { RedisScript } from '../../../stores/redis-script.ts';

/**
 * Keys: head, cursors. Arguments: person, epoch, offset, and life; empty if it is unknown. A cursor is stored as `offset epoch`.
 * Same rules as `furtherOf`. Returns nil if there is no cursor.
 */
export const advanceScript: RedisScript = new RedisScript(`
local person, epoch, offset, life = unpack(ARGV)
local before = redis.call('HGET', KEYS[2], person)
local current = redis.call('HMGET', KEYS[1], 'epoch', 'lives')
if epoch == current[1] and life ~= '' and tonumber(offset) > 0 then
  for name, first in string.gmatch(current[2] or '${earlyLife} 1', '(%S+) (%d+)') do
    if tonumber(first) <= tonumber(offset) then
      if name ~= life then return before end
      break
    end
  end
end
if before then
  local itsOffset, itsEpoch = string.match(before, '^(%d+) (.*)$')
  if itsEpoch == epoch and tonumber(itsOffset) >= tonumber(offset) then return before end
  if itsEpoch ~= epoch and itsEpoch == current[1] then return before end
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

  async advance(room: string, person: string, position: Position): Promise<Position | undefined> {
    const { epoch, offset, life = '' } = position;
    const keys = [this.#keys.head(room), this.#keys.cursors(room)];
    const args = [person, epoch, String(offset), life];
    const text = await this.#connection.run((client) => advanceScript.run(client, keys, args));
    return typeof text === 'string' ? toPosition(text) : undefined;
  }

  async delete(room: string, person: string): Promise<void> {
    await this.#connection.run((client) => client.hDel(this.#keys.cursors(room), person));
  }
}

function toPosition(text: string): Position {
  const space = text.indexOf(' ');
  return { epoch: text.slice(space + 1), offset: Number(text.slice(0, space)) };
}
