/**
 * The scripts that read and renew the stream of a room, and their replies. Keys: head, stream.
 */
import { unstoredEpoch } from '../epoch.ts';
import { RedisScript } from '../../../stores/redis-script.ts';

/**
 * First part of the scripts for streams. `currentHead` returns epoch and top, and true for a recently removed room.
 * It creates a new epoch if
 * - there is none: the rest of an older stream is removed,
 * - the stream does not end where the head says: Redis lost one of the two,
 * - `seen` offsets of the same epoch were higher: Redis went back to an older state.
 * A Redis that refuses writes still returns an epoch for a room without one: an epoch that is not stored.
 * Writes that need memory come first, so that a Redis without memory refuses before anything changed.
 */
export const streamBeginning: string = `
local function whole(number) return string.format('%.0f', number) end
local function notify(channel, text) redis.call('SPUBLISH', channel, text) end
local function currentHead(head, stream, channel, fresh, seenEpoch, seenOffset)
  local stored = redis.call('HMGET', head, 'epoch', 'top', 'removed')
  if stored[3] then return '${unstoredEpoch}', 0, true end
  local epoch, top = stored[1], tonumber(stored[2] or 0)
  local last = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
  local isComplete = (last and last[1] or '0-0') == whole(top) .. '-0'
  if epoch and isComplete and (epoch ~= seenEpoch or top >= tonumber(seenOffset)) then return epoch, top end
  local made = redis.pcall('HSET', head, 'epoch', fresh, 'top', '0')
  if type(made) == 'table' then
    if epoch then error(made) end
    return '${unstoredEpoch}', 0
  end
  redis.call('DEL', stream)
  if epoch then notify(channel, 'd') end
  return fresh, 0
end
`;

/**
 * Arguments: fresh epoch, seen epoch, seen offset, channel, after, most messages (0 for the bounds alone), most bytes.
 * Entries are loaded in small steps, so that at most one step is loaded and not returned.
 */
export const readScript: RedisScript = new RedisScript(`${streamBeginning}
local head, stream = KEYS[1], KEYS[2]
local fresh, seenEpoch, seenOffset, channel, after, count, bytes = unpack(ARGV)
after, count, bytes = tonumber(after), tonumber(count), tonumber(bytes)
local epoch, top = currentHead(head, stream, channel, fresh, seenEpoch, seenOffset)
local length = redis.call('XLEN', stream)
local oldest = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
if oldest and oldest[1] ~= whole(top - length + 1) .. '-0' then
  redis.call('HSET', head, 'epoch', fresh, 'top', '0')
  redis.call('DEL', stream)
  notify(channel, 'd')
  epoch, top, length = fresh, 0, 0
end
local entries, size, step = {}, 0, 4
while #entries < count do
  local some = redis.call('XRANGE', stream, whole(after + 1) .. '-0', '+', 'COUNT', math.min(step, count - #entries))
  for _, entry in ipairs(some) do
    local more = size + #entry[2][4]
    if #entries > 0 and more > bytes then return {epoch, top, top - length + 1, size, entries} end
    entries[#entries + 1], size = entry, more
  end
  if #some < step then break end
  after, step = tonumber(string.match(some[#some][1], '^%d+')), 16
end
return {epoch, top, top - length + 1, size, entries}
`);

/** Arguments: fresh epoch, epoch to renew, channel. */
export const renewEpochScript: RedisScript = new RedisScript(`
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'top', '0')
redis.call('DEL', KEYS[2])
redis.call('SPUBLISH', ARGV[3], 'd')
return 1
`);

/** Keys: head, stream, cursors, kept. Argument: how long the room is remembered as removed. Returns 0 if there was a message. */
export const removeEmptyScript: RedisScript = new RedisScript(`
local head, stream, cursors, kept = unpack(KEYS)
if tonumber(redis.call('HGET', head, 'top') or 0) > 0 or redis.call('EXISTS', stream) == 1 then return 0 end
redis.call('HSET', head, 'removed', '1')
redis.call('HDEL', head, 'epoch', 'top')
redis.call('DEL', cursors, kept)
redis.call('PEXPIRE', head, ARGV[1])
return 1
`);

/** Reply of {@link readScript}. An entry is its id and its fields with their names. */
export type ReadReply = readonly [
  epoch: string,
  top: number,
  first: number,
  bytes: number,
  entries: readonly (readonly [id: string, fields: readonly [t: 't', time: string, e: 'e', entry: string]])[],
];
