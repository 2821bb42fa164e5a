/**
 * Scripts for consumers that hold the history. The fields of the hash `holds` of a room, each with the name of a consumer:
 *
 * - `listed`: 1 if the room is in the list of the consumer, a hash of rooms that may be on another node.
 * - `turn`: counts how often the room was removed from that list. An entry of the list has the turn in which it was made.
 * - `claim`: the highest number of a claim seen in the room.
 * - `version`: the version that was saved, and its epoch. The offset that was saved is a cursor.
 * - `bytes`: size of the messages that are not saved. It is exact after each save, except for later amendments.
 *
 * An entry is stored only while the room is listed. A server that lists a room does so in the current turn, and then stores in that turn.
 * A consumer that removes a room begins the next turn first, and then removes an entry of older turns only.
 */
import { RedisScript } from '../../../stores/redis-script.ts';
import { consumerPrefix } from '../holds.ts';
import { streamBeginning } from './redis-stream.ts';

/** Like {@link streamBeginning}, with the further key `holds`. */
export const heldBeginning: string = `${streamBeginning}
local holds = KEYS[6]
local function cursorOf(name) return '${consumerPrefix.replace('\n', '\\n')}' .. name end
local function bytesAfter(offset)
  local sum, after = 0, whole(offset + 1) .. '-0'
  repeat
    local some = redis.call('XRANGE', stream, after, '+', 'COUNT', 64)
    for _, entry in ipairs(some) do
      sum = sum + #entry[2][4]
      after = '(' .. entry[1]
    end
  until #some < 64
  return sum
end
local function savedBy(name, epoch, top)
  local oldest = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
  local before = oldest and offsetOf(oldest) - 1 or top
  local itsOffset, itsEpoch = string.match(redis.call('HGET', cursors, cursorOf(name)) or '', '^(%d+) (.*)$')
  local offset = itsEpoch == epoch and math.min(top, math.max(before, tonumber(itsOffset))) or before
  local version, versionEpoch = string.match(redis.call('HGET', holds, 'version ' .. name) or '', '^(%d+) (.*)$')
  return offset, versionEpoch == epoch and tonumber(version) or 0, before
end
local function unlistedOf(hold)
  local unlisted = {}
  for _, name in ipairs(hold.consumers) do
    local stored = redis.call('HMGET', holds, 'listed ' .. name, 'turn ' .. name)
    local turn = tonumber(stored[2] or 0)
    if not stored[1] then
      if hold.turns[name] == turn then redis.call('HSET', holds, 'listed ' .. name, '1')
      else
        unlisted[#unlisted + 1] = name
        unlisted[#unlisted + 1] = turn
      end
    end
  end
  return unlisted
end
local function isOld(name, claim)
  if tonumber(redis.call('HGET', holds, 'claim ' .. name) or 0) > tonumber(claim) then return true end
  redis.call('HSET', holds, 'claim ' .. name, claim)
end
`;

/** Further arguments: consumer, claim. Returns epoch, offset and version; 0 for an old claim. */
export const savedScript: RedisScript = new RedisScript(`${heldBeginning}
local name, claim = unpack(ARGV, 6)
if isOld(name, claim) then return 0 end
local epoch, top = currentHead()
local offset, version = savedBy(name, epoch, top)
return {epoch, offset, version}
`);

/** Further arguments: consumer, claim, and epoch, offset, life or '', and version of a position. Returns 0 for an old claim. */
export const saveScript: RedisScript = new RedisScript(`${heldBeginning}
local name, claim, itsEpoch, offset, life, version = unpack(ARGV, 6)
if isOld(name, claim) then return 0 end
local epoch, top, lives, isRemoved = currentHead()
offset, version = tonumber(offset), tonumber(version)
if isRemoved or epoch ~= itsEpoch or offset > top or version > storedVersion then return 1 end
if offset > 0 and life ~= '' and lifeAt(lives, offset) ~= life then return 1 end
local before, beforeVersion = savedBy(name, epoch, top)
offset, version = math.max(offset, before), math.max(version, beforeVersion)
redis.call('HSET', cursors, cursorOf(name), whole(offset) .. ' ' .. epoch)
redis.call('HSET', holds, 'version ' .. name, whole(version) .. ' ' .. epoch, 'bytes ' .. name, whole(bytesAfter(offset)))
return 1
`);

/** Further argument: consumer. Ends the turn if everything is saved, and returns it; otherwise -1. */
export const endTurnScript: RedisScript = new RedisScript(`${heldBeginning}
local name = ARGV[6]
local epoch, top, _, isRemoved = currentHead()
local offset, version = savedBy(name, epoch, top)
if offset < top or version < storedVersion then return -1 end
local turn = tonumber(redis.call('HGET', holds, 'turn ' .. name) or 0)
redis.call('HDEL', holds, 'listed ' .. name)
redis.call('HSET', holds, 'turn ' .. name, whole(turn + 1))
return turn
`);

/** Key: the list of a consumer. Arguments: room, turn. */
export const listScript: RedisScript = new RedisScript(`
local turn = redis.call('HGET', KEYS[1], ARGV[1])
if not turn or tonumber(turn) < tonumber(ARGV[2]) then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end
`);

/** Key: the list of a consumer. Arguments: room, turn that ended. */
export const unlistScript: RedisScript = new RedisScript(`
local turn = redis.call('HGET', KEYS[1], ARGV[1])
if turn and tonumber(turn) <= tonumber(ARGV[2]) then redis.call('HDEL', KEYS[1], ARGV[1]) end
`);

const claimBeginning = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local stored = redis.call('HMGET', KEYS[1], 'number', 'until')
`;

/** Key: the claim of a consumer. Argument: duration. Returns 0 while another claim is valid. */
export const claimScript: RedisScript = new RedisScript(`${claimBeginning}
if tonumber(stored[2] or 0) > now then return 0 end
local number = math.max(now, tonumber(stored[1] or 0) + 1)
redis.call('HSET', KEYS[1], 'number', string.format('%.0f', number), 'until', string.format('%.0f', now + ARGV[1]))
return number
`);

/** Key: the claim of a consumer. Arguments: its number, duration from now; 0 ends it. Returns 0 if there is a newer claim. */
export const renewScript: RedisScript = new RedisScript(`${claimBeginning}
if stored[1] ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + ARGV[2]))
return 1
`);

/** All of them. */
export const holdScripts: readonly RedisScript[] = [
  savedScript,
  saveScript,
  endTurnScript,
  listScript,
  unlistScript,
  claimScript,
  renewScript,
];
