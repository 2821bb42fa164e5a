/**
 * The scripts that read and renew the stream of a room, and their replies. Keys: head, stream.
 */
import { unstoredEpoch } from '../epoch.ts';
import { earlyLife, maxLives } from '../../lives.ts';
import { RedisScript } from '../../../stores/redis-script.ts';

/**
 * First part of the scripts for streams. Their first keys are head, stream, kept, cursors and spare, their first arguments
 * a fresh epoch, the channel, and the epoch, offset and life of the newest position that the server has seen.
 *
 * `currentHead` returns epoch, top and lives, and true for a recently removed room. It renews the epoch if
 * - there is none, although entries of an older stream may be left,
 * - the stream does not end where the head says: Redis lost a part of one of the two,
 * - the seen position of the same epoch is not part of the stream: Redis went back to an older state.
 *
 * `storedVersion` is then the number of the newest amendment. An amended entry has the fields `v`, its version, and `a`, the time of the
 * amendment.
 *
 * `renew` gives the entries that are left offsets from 1, and moves ids and cursors with them; see `renewEpoch` of the broker.
 * A Redis that refuses writes still returns an epoch for a room without one: an epoch that is not stored.
 * Writes that need memory come first, so that a Redis without memory refuses before anything changed.
 *
 * The name of a life is the replication id of the primary, which changes with each restart and each promotion. The script reads
 * it, since a promotion does not close connections. A service that hides it has one life.
 */
export const streamBeginning: string = `
local head, stream, kept, cursors, spare = unpack(KEYS, 1, 5)
local fresh, channel, seenEpoch, seenOffset, seenLife = unpack(ARGV, 1, 5)
local storedVersion = 0
local function whole(number) return string.format('%.0f', number) end
local function notify(text) redis.call('SPUBLISH', channel, text) end
local function offsetOf(entry) return tonumber(string.match(entry[1], '^%d+')) end
local function currentLife()
  return string.match(redis.call('INFO', 'replication'), 'master_replid:(%x%x%x%x%x%x%x%x%x%x%x%x)') or '${earlyLife}'
end
local function lifeAt(lives, offset)
  for name, first in string.gmatch(lives, '(%S+) (%d+)') do
    if tonumber(first) <= offset then return name end
  end
  return ''
end
local function recordLife(lives, life, first)
  local recorded, count = { life .. ' ' .. whole(first) }, 1
  for each in string.gmatch(lives, '%S+ %d+') do
    if count == ${maxLives} then break end
    count = count + 1
    recorded[count] = each
  end
  return table.concat(recorded, ' ')
end
local function renew(epoch)
  local made = redis.pcall('HSET', head, 'epoch', fresh, 'top', '0', 'lives', '')
  if type(made) == 'table' then
    if epoch then error(made) end
    return '${unstoredEpoch}', 0, ''
  end
  local offsets, rankOf, count, after = {}, {}, 0, '-'
  redis.call('DEL', spare)
  repeat
    local some = redis.call('XRANGE', stream, after, '+', 'COUNT', 64)
    for _, entry in ipairs(some) do
      count = count + 1
      offsets[count] = offsetOf(entry)
      rankOf[offsets[count]] = count
      redis.call('XADD', spare, whole(count) .. '-0', unpack(entry[2]))
      storedVersion = math.max(storedVersion, tonumber(entry[2][6] or 0))
      after = '(' .. entry[1]
    end
  until #some < 64
  local lives = ''
  if count == 0 then redis.call('DEL', stream, kept)
  else
    redis.call('RENAME', spare, stream)
    lives = currentLife() .. ' 1'
    redis.call('HSET', head, 'top', whole(count), 'lives', lives)
    if storedVersion > 0 then redis.call('HSET', head, 'version', whole(storedVersion)) end
    local ids = redis.call('ZRANGE', kept, 0, -1, 'WITHSCORES')
    for index = 1, #ids, 2 do
      local rank = rankOf[tonumber(ids[index + 1])]
      if rank then redis.call('ZADD', kept, whole(rank), ids[index]) else redis.call('ZREM', kept, ids[index]) end
    end
    local all = epoch and redis.call('HGETALL', cursors) or {}
    for index = 1, #all, 2 do
      local offset, itsEpoch = string.match(all[index + 1], '^(%d+) (.*)$')
      offset = math.min(tonumber(offset), offsets[count])
      if itsEpoch == epoch and offset >= offsets[1] - 1 then
        while offset >= offsets[1] and not rankOf[offset] do offset = offset - 1 end
        redis.call('HSET', cursors, all[index], whole(rankOf[offset] or 0) .. ' ' .. fresh)
      end
    end
  end
  if epoch or count > 0 then notify('d') end
  return fresh, count, lives
end
local function isLost(epoch, top, lives)
  local offset = tonumber(seenOffset)
  if epoch ~= seenEpoch or offset == 0 then return false end
  local life = offset <= top and lifeAt(lives, offset)
  return not life or (life ~= '' and seenLife ~= '' and life ~= seenLife)
end
local function currentHead()
  local stored = redis.call('HMGET', head, 'epoch', 'top', 'lives', 'removed', 'version')
  storedVersion = tonumber(stored[5] or 0)
  if stored[4] then return '${unstoredEpoch}', 0, '', true end
  local epoch, top = stored[1], tonumber(stored[2] or 0)
  local lives = stored[3] or (top > 0 and '${earlyLife} 1' or '')
  local last = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
  local isComplete = (last and last[1] or '0-0') == whole(top) .. '-0'
  if epoch and isComplete and not isLost(epoch, top, lives) then return epoch, top, lives end
  return renew(epoch)
end
`;

/**
 * Further arguments: offset after which to read, most messages (0 for the bounds alone), most bytes.
 * Entries are loaded in small steps, so that at most one step is loaded and not returned.
 */
export const readScript: RedisScript = new RedisScript(`${streamBeginning}
local after, count, bytes = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local epoch, top, lives = currentHead()
if epoch == '${unstoredEpoch}' then return {epoch, 0, 1, '', 0, {}, 0} end
local length = redis.call('XLEN', stream)
local oldest = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
if oldest and offsetOf(oldest) ~= top - length + 1 then
  epoch, top, lives = renew(epoch)
  length = top
end
local entries, size, step = {}, 0, 4
while #entries < count do
  local some = redis.call('XRANGE', stream, whole(after + 1) .. '-0', '+', 'COUNT', math.min(step, count - #entries))
  for _, entry in ipairs(some) do
    local more = size + #entry[2][4]
    if #entries > 0 and more > bytes then return {epoch, top, top - length + 1, lives, size, entries, storedVersion} end
    entries[#entries + 1], size = entry, more
  end
  if #some < step then break end
  after, step = offsetOf(some[#some]), 16
end
return {epoch, top, top - length + 1, lives, size, entries, storedVersion}
`);

/** Further argument: the epoch to renew. */
export const renewEpochScript: RedisScript = new RedisScript(`${streamBeginning}
if redis.call('HGET', head, 'epoch') ~= ARGV[6] then return 0 end
renew(ARGV[6])
return 1
`);

/** Keys: head, stream, cursors, kept. Argument: how long the room is remembered as removed. Returns 0 if there was a message. */
export const removeEmptyScript: RedisScript = new RedisScript(`
local head, stream, cursors, kept = unpack(KEYS)
if tonumber(redis.call('HGET', head, 'top') or 0) > 0 or redis.call('EXISTS', stream) == 1 then return 0 end
redis.call('HSET', head, 'removed', '1')
redis.call('HDEL', head, 'epoch', 'top', 'lives', 'version')
redis.call('DEL', cursors, kept)
redis.call('PEXPIRE', head, ARGV[1])
return 1
`);

/**
 * Keys: head, stream, cursors, kept, holds. Argument: how long the room is remembered as removed. A consumer finds nothing to save and
 * removes the room from its list; until then its turn must stay.
 */
export const removeScript: RedisScript = new RedisScript(`
local head, stream, cursors, kept, holds = unpack(KEYS)
redis.call('HSET', head, 'removed', '1')
redis.call('HDEL', head, 'epoch', 'top', 'lives', 'version')
redis.call('UNLINK', stream, cursors, kept)
redis.call('PEXPIRE', head, ARGV[1])
redis.call('PEXPIRE', holds, ARGV[1])
return 1
`);

/** Reply of {@link readScript}. An entry is its id and its fields with their names. */
export type ReadReply = readonly [
  epoch: string,
  top: number,
  first: number,
  lives: string,
  bytes: number,
  entries: readonly (readonly [
    id: string,
    fields: readonly [
      t: 't',
      time: string,
      e: 'e',
      entry: string,
      v?: 'v',
      version?: string,
      a?: 'a',
      amended?: string,
    ],
  ])[],
  version: number,
];
