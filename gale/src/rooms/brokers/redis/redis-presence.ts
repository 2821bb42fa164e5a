/**
 * Presence across servers: leases in Redis, by the clock of Redis. Each script is atomic, so exactly one server
 * gets the enter of a person's first connection, and exactly one the leave of their last.
 */
import type { Lease, Presence } from '../../broker.ts';
import type { Person } from '../../stream.ts';
import { toPerson } from '../entry-text.ts';
import type { RedisKeys } from './redis-keys.ts';
import type { RedisConnection } from '../../../stores/redis-connection.ts';
import { RedisScript } from '../../../stores/redis-script.ts';

/** Most leases renewed by one script. Bounds how long other commands wait for it. */
const maxLeases = 500;

/**
 * Keys: people (a hash by person: their JSON as text, their time of entry in microseconds, leases by connection
 * with their ends in milliseconds) and ends (people by the end of their last lease). Unused keys expire a day later.
 */
const beginning = `
local people, ends = KEYS[1], KEYS[2]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local function guestOf(id)
  local text = redis.call('HGET', people, id)
  return text and cjson.decode(text)
end
local function dropOld(guest)
  local left = {}
  for connection, ending in pairs(guest.leases) do
    if tonumber(ending) > now then left[connection] = ending end
  end
  guest.leases = left
  return next(left) ~= nil
end
local function keep(id, guest)
  local last = 0
  for _, ending in pairs(guest.leases) do last = math.max(last, tonumber(ending)) end
  redis.call('HSET', people, id, cjson.encode(guest))
  redis.call('ZADD', ends, string.format('%.0f', last), id)
  local lasting = last - now + 86400000
  for _, key in ipairs(KEYS) do
    if redis.call('PTTL', key) < lasting then redis.call('PEXPIRE', key, string.format('%.0f', lasting)) end
  end
end
local function forget(id)
  redis.call('HDEL', people, id)
  redis.call('ZREM', ends, id)
end
`;

/** Arguments: milliseconds of the lease, then for each lease person id, person as JSON, connection. Returns how many were first. */
const holdScript = new RedisScript(`${beginning}
local entered = 0
for at = 2, #ARGV, 3 do
  local id, person, connection = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local guest = guestOf(id)
  if not guest or not dropOld(guest) then
    entered = entered + 1
    guest = {since = string.format('%.0f', clock[1] * 1000000 + clock[2] + entered), leases = {}}
  end
  guest.person = person
  guest.leases[connection] = string.format('%.0f', now + tonumber(ARGV[1]))
  keep(id, guest)
end
return entered
`);

/** Arguments: person id, connection. Returns 1 if it was the last lease of the person. */
const leaveScript = new RedisScript(`${beginning}
local guest = guestOf(ARGV[1])
if not guest or not guest.leases[ARGV[2]] then return 0 end
guest.leases[ARGV[2]] = nil
if dropOld(guest) then
  keep(ARGV[1], guest)
  return 0
end
forget(ARGV[1])
return 1
`);

/** Returns the ids of the people with a lease, and the whole hash of people. */
const listScript = new RedisScript(`${beginning}
return {redis.call('ZRANGE', ends, '(' .. string.format('%.0f', now), '+inf', 'BYSCORE'), redis.call('HGETALL', people)}
`);

/** Removes the people whose last lease expired. Returns them as JSON. */
const sweepScript = new RedisScript(`${beginning}
local gone = {}
for _, id in ipairs(redis.call('ZRANGE', ends, '-inf', string.format('%.0f', now), 'BYSCORE')) do
  local guest = guestOf(id)
  forget(id)
  if guest then gone[#gone + 1] = guest.person end
end
return gone
`);

/** The scripts of presence, for loading. */
export const presenceScripts: readonly RedisScript[] = [holdScript, leaveScript, listScript, sweepScript];

/** Leases in Redis. */
export class RedisPresence implements Presence {
  readonly #connection: RedisConnection;
  readonly #keys: RedisKeys;

  constructor(connection: RedisConnection, keys: RedisKeys) {
    this.#connection = connection;
    this.#keys = keys;
  }

  async enter(lease: Lease, leaseMs: number): Promise<boolean> {
    return (await this.#run(holdScript, lease.room, [String(leaseMs), ...argumentsOf(lease)])) === 1;
  }

  async renew(leases: readonly Lease[], leaseMs: number): Promise<void> {
    const rooms = Map.groupBy(leases, ({ room }) => room);
    const renewing: Promise<unknown>[] = [];
    for (const [room, inRoom] of rooms) {
      for (let from = 0; from < inRoom.length; from += maxLeases) {
        const args = inRoom.slice(from, from + maxLeases).flatMap(argumentsOf);
        renewing.push(this.#run(holdScript, room, [String(leaseMs), ...args]));
      }
    }
    await Promise.all(renewing);
  }

  async leave({ room, person, connection }: Lease): Promise<boolean> {
    return (await this.#run(leaveScript, room, [person.id, connection])) === 1;
  }

  async list(room: string): Promise<Person[]> {
    const [here, people] = (await this.#run(listScript, room, [])) as readonly [string[], string[]];
    const ids = new Set(here);
    const guests: { readonly person: string; readonly since: string }[] = [];
    for (let at = 0; at < people.length; at += 2) {
      if (ids.has(people[at] ?? '')) guests.push(JSON.parse(people[at + 1] ?? ''));
    }
    guests.sort((one, other) => Number(one.since) - Number(other.since));
    return guests.map(({ person }) => JSON.parse(person) as Person);
  }

  async sweep(room: string): Promise<Person[]> {
    const gone = (await this.#run(sweepScript, room, [])) as readonly string[];
    return gone.map((person) => JSON.parse(person) as Person);
  }

  #run(script: RedisScript, room: string, args: readonly string[]): Promise<unknown> {
    const keys = [this.#keys.people(room), this.#keys.ends(room)];
    return this.#connection.run((client) => script.run(client, keys, args));
  }
}

function argumentsOf({ person, connection }: Lease): string[] {
  return [person.id, JSON.stringify(toPerson(person)), connection];
}
