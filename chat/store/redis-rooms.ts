/**
 * Rooms and memberships in Redis: a hash of rooms, a hash of hidden rooms, and a hash from the key of a name to its room.
 * Each person has a set of their rooms and a sorted set of the rooms they made lately. Unjoined rooms are sorted by the time
 * they were made. All keys are in one slot, so that a script can change them together. The first write of each script
 * needs memory, so a Redis without memory refuses the script before anything has changed.
 */
import type { AddedRoom, ChatRoom, RoomBounds, RoomStore } from '../rooms/room.ts';
import type { RedisConnection } from './redis-connection.ts';

const names = 'chat:{rooms}:names';
const records = 'chat:{rooms}:records';
const hidden = 'chat:{rooms}:hidden';
const unjoined = 'chat:{rooms}:lonely';
const version = 'chat:{rooms}:version';

/** How long the store remembers who made a room, in milliseconds. The bounds need an hour at most. */
const madeMs = 2 * 60 * 60 * 1000;

const addScript = `
local names, records, memberships, made, unjoined, version = unpack(KEYS)
local nameKey, id, record, madeAt, most, maxOfPerson, since, madeMs = unpack(ARGV)
if redis.call('HLEN', names) >= tonumber(most) then return 'tooMany' end
if redis.call('ZCOUNT', made, '(' .. since, '+inf') >= tonumber(maxOfPerson) then return 'tooManyOfPerson' end
if redis.call('HSETNX', names, nameKey, id) == 0 then return 'nameTaken' end
redis.call('HSET', records, id, record)
redis.call('SADD', memberships, id)
redis.call('ZREMRANGEBYSCORE', made, '-inf', since)
redis.call('ZADD', made, madeAt, id)
redis.call('PEXPIRE', made, madeMs)
redis.call('ZADD', unjoined, madeAt, id)
redis.call('INCR', version)
return 'added'
`;

const joinScript = `
local records, memberships, unjoined = unpack(KEYS)
local id, personId = unpack(ARGV)
local record = redis.call('HGET', records, id)
if not record then return 'unknown' end
local joined = redis.call('SADD', memberships, id)
if cjson.decode(record).madeBy ~= personId then redis.call('ZREM', unjoined, id) end
return joined == 1 and 'joined' or 'alreadyIn'
`;

const hideScript = `
local records, hidden, unjoined, version = unpack(KEYS)
local id = ARGV[1]
if not redis.call('ZSCORE', unjoined, id) then return 0 end
local record = redis.call('HGET', records, id)
if not record then return redis.call('HEXISTS', hidden, id) end
redis.call('HSET', hidden, id, record)
redis.call('HDEL', records, id)
redis.call('INCR', version)
return 1
`;

const removeScript = `
local names, hidden, memberships, unjoined = unpack(KEYS)
local id, nameKey = unpack(ARGV)
if redis.call('HDEL', hidden, id) == 0 then return 0 end
redis.call('HDEL', names, nameKey)
redis.call('SREM', memberships, id)
redis.call('ZREM', unjoined, id)
return 1
`;

const keepScript = `
local records, hidden, unjoined, version = unpack(KEYS)
local id = ARGV[1]
local record = redis.call('HGET', hidden, id)
if record then
  redis.call('HSET', records, id, record)
  redis.call('HDEL', hidden, id)
  redis.call('INCR', version)
end
redis.call('ZREM', unjoined, id)
`;

const unjoinedScript = `
local records, hidden, unjoined = unpack(KEYS)
local found = {}
for _, id in ipairs(redis.call('ZRANGE', unjoined, '-inf', '(' .. ARGV[1], 'BYSCORE', 'LIMIT', 0, ARGV[2])) do
  found[#found + 1] = redis.call('HGET', records, id) or redis.call('HGET', hidden, id) or nil
end
return found
`;

export class RedisRooms implements RoomStore {
  readonly #redis: RedisConnection;

  constructor(redis: RedisConnection) {
    this.#redis = redis;
  }

  async add(room: ChatRoom, { most, maxOfPerson, since }: RoomBounds): Promise<AddedRoom> {
    const { id, nameKey, madeBy, madeAt } = room;
    const keys = [names, records, memberships(madeBy), madeLately(madeBy), unjoined, version];
    const numbers = [madeAt, most, maxOfPerson, since, madeMs].map(String);
    return (await this.#run(addScript, keys, [nameKey, id, JSON.stringify(room), ...numbers])) as AddedRoom;
  }

  async find(id: string): Promise<ChatRoom | undefined> {
    const text = await this.#redis.run((redis) => redis.hGet(records, id));
    return text === null || text === undefined ? undefined : (JSON.parse(text) as ChatRoom);
  }

  async list(): Promise<ChatRoom[]> {
    const texts = await this.#redis.run((redis) => redis.hVals(records));
    const rooms = texts.map((text) => JSON.parse(text) as ChatRoom);
    return rooms.sort((one, other) => one.madeAt - other.madeAt || (one.id < other.id ? -1 : 1));
  }

  async version(): Promise<string> {
    // Servers of an earlier version add rooms without counting them.
    const [count, length] = await this.#redis.run((redis) => Promise.all([redis.get(version), redis.hLen(records)]));
    return `${count ?? 0} ${length}`;
  }

  async join(roomId: string, personId: string): Promise<'joined' | 'alreadyIn' | 'unknown'> {
    const keys = [records, memberships(personId), unjoined];
    return (await this.#run(joinScript, keys, [roomId, personId])) as 'joined' | 'alreadyIn' | 'unknown';
  }

  async leave(roomId: string, personId: string): Promise<boolean> {
    return (await this.#redis.run((redis) => redis.sRem(memberships(personId), roomId))) === 1;
  }

  async isMember(roomId: string, personId: string): Promise<boolean> {
    return (await this.#redis.run((redis) => redis.sIsMember(memberships(personId), roomId))) === 1;
  }

  async roomsOf(personId: string): Promise<Set<string>> {
    return new Set(await this.#redis.run((redis) => redis.sMembers(memberships(personId))));
  }

  async unjoined(madeBefore: number, most: number): Promise<ChatRoom[]> {
    const texts = await this.#run(unjoinedScript, [records, hidden, unjoined], [String(madeBefore), String(most)]);
    return (texts as string[]).map((text) => JSON.parse(text) as ChatRoom);
  }

  async hide(id: string): Promise<boolean> {
    return (await this.#run(hideScript, [records, hidden, unjoined, version], [id])) === 1;
  }

  async remove({ id, nameKey, madeBy }: ChatRoom): Promise<boolean> {
    return (await this.#run(removeScript, [names, hidden, memberships(madeBy), unjoined], [id, nameKey])) === 1;
  }

  async keep(id: string): Promise<void> {
    await this.#run(keepScript, [records, hidden, unjoined, version], [id]);
  }

  #run(script: string, keys: string[], args: string[]): Promise<unknown> {
    return this.#redis.run((redis) => redis.eval(script, { keys, arguments: args }));
  }
}

/** In the slot of the rooms, so that one script can write a room and the membership of its maker. */
function memberships(personId: string): string {
  return `chat:{rooms}:of:${personId}`;
}

function madeLately(personId: string): string {
  return `chat:{rooms}:made:${personId}`;
}
