/**
 * The script that publishes, and its reply. It remembers message ids in two places:
 *
 * - `kept`: sorted set of the kept messages of the room: hash of author and id, with the offset as score.
 * - `sent`: string for one author in the room: a header, then a ring of records of 24 bytes (hash, offset, time).
 *   The header is as long as two records: epoch, number of records written, offset and time of the newest overwritten one.
 *   A ring of another epoch is void.
 */
import type { Published } from '../../stream.ts';
import { RedisScript } from '../../../stores/redis-script.ts';
import { streamBeginning } from './redis-stream.ts';

/**
 * Further keys: sent, answer.
 * Further arguments: entry, historyCount, dedupeMs, dedupeCount, retry, hash, epoch, offset and life of a position before the first
 * attempt, and the first part of an entry with the same author and id.
 */
export const publishScript: RedisScript = new RedisScript(`${streamBeginning}
local sent, answer = KEYS[6], KEYS[7]
local entry, historyCount, dedupeMs, dedupeCount, retry, hash, afterEpoch, afterOffset, afterLife, same = unpack(ARGV, 6)
historyCount, dedupeMs, dedupeCount = tonumber(historyCount), tonumber(dedupeMs), tonumber(dedupeCount)
local epoch, top, lives, isRemoved = currentHead()
if isRemoved then return {epoch, 0, 0, 2, ''} end
local function repeated(offset, time) return {epoch, offset, time, 1, lifeAt(lives, offset)} end
local clock = redis.call('TIME')
local time = clock[1] * 1000 + math.floor(clock[2] / 1000)
local width, since = 24, time - dedupeMs
local headed = 2 * width
local count, lost, lostTime = 0, 0, 0

-- Search the newest ids of the author.
local ring = redis.call('GET', sent)
if ring and string.sub(ring, 1, 12) == epoch then
  count, lost, lostTime = struct.unpack('>I6I6I6', ring, 13)
  local found, foundTime = 0, 0
  local at = string.find(ring, hash, headed + 1, true)
  while at do
    if (at - 1) % width == 0 then
      local offset, itsTime = struct.unpack('>I6I6', ring, at + 12)
      if itsTime > since and offset > found then found, foundTime = offset, itsTime end
    end
    at = string.find(ring, hash, at + 1, true)
  end
  if found > 0 then return repeated(found, foundTime) end
else ring = false end

-- Search the kept messages. After a new epoch this set may be outdated, so compare the entry itself.
local offset = redis.call('ZSCORE', kept, hash)
if offset then
  local id = whole(tonumber(offset)) .. '-0'
  local found = redis.call('XRANGE', stream, id, id)[1]
  if found and string.sub(found[2][4], 1, #same) == same then
    return repeated(tonumber(offset), tonumber(found[2][2]))
  end
end

-- Earlier versions stored a string for each message. It expires, and may still exist after an upgrade.
local before = (retry == '1' or not ring) and redis.call('GET', answer)
if before then
  local offset, itsTime, itsEpoch = string.match(before, '^(%d+) (%d+) (.*)$')
  if itsEpoch == epoch and tonumber(offset) <= top then return repeated(tonumber(offset), tonumber(itsTime)) end
end

if retry == '1' and lostTime > since then
  -- The position before the first attempt counts only if it is part of the stream.
  local after = tonumber(afterOffset)
  local isPart = afterEpoch == epoch and after <= top and (afterLife == '' or lifeAt(lives, after) == afterLife)
  if not isPart or lost > after then return {epoch, 0, 0, 3, ''} end
end
top = top + 1
local life = currentLife()
if string.sub(lives, 1, #life + 1) == life .. ' ' then redis.call('HSET', head, 'top', whole(top))
else redis.call('HSET', head, 'top', whole(top), 'lives', recordLife(lives, life, top)) end
redis.call('XADD', stream, 'MAXLEN', '=', historyCount, whole(top) .. '-0', 't', whole(time), 'e', entry)
if top == 1 then redis.call('DEL', kept) end
redis.call('ZADD', kept, whole(top), hash)
if top % 16 == 0 then redis.call('ZREMRANGEBYSCORE', kept, '-inf', whole(top - historyCount)) end
if dedupeMs > 0 then
  local at = headed + count % dedupeCount * width
  local length = ring and #ring or 0
  -- The key lives a quarter longer than its newest record needs, so its expiry is rarely updated.
  local lifetime, quarter = math.ceil(dedupeMs * 1.25), dedupeMs / 4
  if at >= length then
    -- Redis doubles the memory of a growing string. So replace it by a longer one in steps, and write the records in place.
    local records = math.min(dedupeCount, math.max(4, math.floor((length - headed) / width * 1.5)))
    local size = math.max(headed + records * width, at + width)
    redis.call('SET', sent, (ring or '') .. string.rep('\\0', size - length), 'PX', lifetime)
  else
    if count >= dedupeCount then
      local offset, itsTime = struct.unpack('>I6I6', ring, at + 13)
      lost, lostTime = math.max(lost, offset), math.max(lostTime, itsTime)
    end
    local newestAt = headed + (count - 1) % dedupeCount * width
    local newest = newestAt < length and struct.unpack('>I6', ring, newestAt + 19) or 0
    if math.floor(newest / quarter) ~= math.floor(time / quarter) then redis.call('PEXPIRE', sent, lifetime) end
  end
  redis.call('SETRANGE', sent, whole(at), hash .. struct.pack('>I6I6', top, time))
  redis.call('SETRANGE', sent, '0', epoch .. struct.pack('>I6I6I6', count + 1, lost, lostTime))
end
-- The life is a field of the entry, which servers of earlier versions ignore.
notify('m' .. whole(top) .. ' ' .. whole(time) .. ' ' .. epoch .. ' {"life":"' .. life .. '",' .. string.sub(entry, 2))
return {epoch, top, time, 0, life}
`);

/** Reply of {@link publishScript}. `repeated`: 0 stored, 1 stored before, 2 room removed, 3 retry refused. */
export type PublishReply = readonly [
  epoch: string,
  offset: number,
  time: number,
  repeated: 0 | 1 | 2 | 3,
  life: string,
];

/** Reads the reply of {@link publishScript}. */
export function toPublished([epoch, offset, time, repeated, life]: PublishReply): Published | 'removed' | 'unknown' {
  if (repeated === 2) return 'removed';
  if (repeated === 3) return 'unknown';
  return { epoch, offset, life, time, repeated: repeated === 1 };
}
