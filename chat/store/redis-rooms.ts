/**
 * Rooms and memberships in Redis: a hash of rooms, a hash that gives a name's key its one owner, a set of rooms for each person.
 */
import type { ChatRoom, RoomStore } from '../rooms/room.ts';
import type { RedisConnection } from './redis-connection.ts';

const names = 'chat:{rooms}:names';
const records = 'chat:{rooms}:records';

const addScript = `
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
redis.call('SADD', KEYS[3], ARGV[2])
return 1
`;

export class RedisRooms implements RoomStore {
  readonly #redis: RedisConnection;

  constructor(redis: RedisConnection) {
    this.#redis = redis;
  }

  async add(room: ChatRoom): Promise<boolean> {
    const added = await this.#redis.run((redis) =>
      redis.eval(addScript, {
        keys: [names, records, memberships(room.madeBy)],
        arguments: [room.nameKey, room.id, JSON.stringify(room)],
      }),
    );
    return added === 1;
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

  async join(roomId: string, personId: string): Promise<boolean> {
    return (await this.#redis.run((redis) => redis.sAdd(memberships(personId), roomId))) === 1;
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
}

/** In the slot of the rooms, so that a room and its maker's membership are written together. */
function memberships(personId: string): string {
  return `chat:{rooms}:of:${personId}`;
}
