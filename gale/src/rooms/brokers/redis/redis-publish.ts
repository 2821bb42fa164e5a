/**
 * The script that publishes several entries of one room, and its reply. It remembers message ids in two places:
 *
 * - `kept`: sorted set of the kept messages of the room: hash of author and id, with the offset as score.
 * - `sent`: string for one author in the room: a header, then a ring of records of 24 bytes (hash, offset, time).
 *   The header is as long as two records: epoch, number of records written, offset and time of the newest overwritten one.
 *   A ring of another epoch is void.
 */
import type { Published } from '../../stream.ts';
import { RedisScript } from '../../../stores/redis-script.ts';
import { heldBeginning } from './redis-hold-scripts.ts';
import { streamBeginning } from './redis-stream.ts';

/** Keys of a script for streams before those of the entries. */
const streamKeys = 5;
/** Arguments of {@link publishScript} before those of the entries. */
const sharedArguments = 8;
/** Arguments of each entry. */
export const entryArguments = 7;

/** The part of {@link publishHeldScript} that judges how far the room is ahead of each consumer. */
const holdStates = `local hold, states = cjson.decode(ARGV[9]), {}
if not isRemoved then
  local unlisted = unlistedOf(hold)
  if #unlisted > 0 then return {'', unpack(unlisted)} end
  for index, name in ipairs(hold.consumers) do
    local saved, version, before = savedBy(name, epoch, top)
    local bytes = saved < top and (redis.call('HGET', holds, 'bytes ' .. name) or bytesAfter(saved)) or 0
    -- While an amendment is not saved, nothing is trimmed.
    local isAmended = version < storedVersion
    states[index] = { saved = saved, isAmended = isAmended, kept = isAmended and before or saved, bytes = tonumber(bytes) }
  end
end
local function aheadOf(more)
  for index, state in ipairs(states) do
    local messages = top - state.saved
    local isFull = state.isAmended and top - state.kept >= historyCount + hold.maxMessages
    if isFull or messages >= hold.maxMessages or (messages > 0 and state.bytes + more > hold.maxBytes) then
      return hold.consumers[index]
    end
  end
end
`;

/**
 * Further keys, for each entry: sent, answer.
 * Further arguments: historyCount, dedupeMs, dedupeCount; then for each entry: its text, retry, hash, epoch, offset and life of a
 * position before the first attempt, and the first part of an entry with the same author and id.
 */
export const publishScript: RedisScript = new RedisScript(scriptText(false));

/** Like {@link publishScript}, with the key `holds` and the argument `hold` before those of the entries. */
export const publishHeldScript: RedisScript = new RedisScript(scriptText(true));

function scriptText(isHeld: boolean): string {
  const held = (text: string): string => (isHeld ? text : '');
  const keysBefore = isHeld ? streamKeys + 1 : streamKeys;
  const argumentsBefore = isHeld ? sharedArguments + 1 : sharedArguments;
  return `${isHeld ? heldBeginning : streamBeginning}
local historyCount, dedupeMs, dedupeCount = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local epoch, top, lives, isRemoved = currentHead()
local clock = redis.call('TIME')
local time = clock[1] * 1000 + math.floor(clock[2] / 1000)
local width, since = 24, time - dedupeMs
local headed = 2 * width
local life
local reply = {epoch}
local function respond(offset, itsTime, kind, itsLife)
  local at = #reply
  reply[at + 1], reply[at + 2], reply[at + 3], reply[at + 4] = offset, itsTime, kind, itsLife
end
${held(holdStates)}local function repeated(offset, itsTime) respond(offset, itsTime, 1, lifeAt(lives, offset)) end

-- What this script stored: offsets by hash, and what follows at the end.
local stored, added, began = {}, {}, top

-- What is known of an author. \`slots\` has the offsets that this script wrote into the ring after it was read.
local authors = {}
local function authorOf(sent)
  local author = authors[sent]
  if author then return author end
  author = { count = 0, lost = 0, lostTime = 0, newest = 0, slots = {} }
  authors[sent] = author
  local ring = redis.call('GET', sent)
  if ring and string.sub(ring, 1, 12) == epoch then
    author.ring = ring
    author.count, author.lost, author.lostTime = struct.unpack('>I6I6I6', ring, 13)
    local newestAt = headed + (author.count - 1) % dedupeCount * width
    if newestAt < #ring then author.newest = struct.unpack('>I6', ring, newestAt + 19) end
  end
  author.length = author.ring and #author.ring or 0
  return author
end

-- The newest ids of an author.
local function findSent(author, hash)
  local ring, found, foundTime = author.ring, 0, 0
  local at = ring and string.find(ring, hash, headed + 1, true)
  while at do
    if (at - 1) % width == 0 then
      local offset, itsTime = struct.unpack('>I6I6', ring, at + 12)
      if itsTime > since and offset > found then found, foundTime = offset, itsTime end
    end
    at = string.find(ring, hash, at + 1, true)
  end
  if found > 0 then return found, foundTime end
end

-- The kept messages. After a new epoch this set may be outdated, so the entry itself is compared.
local hashes = {}
for at = ${argumentsBefore} + 3, #ARGV, ${entryArguments} do hashes[#hashes + 1] = ARGV[at] end
local scores = isRemoved or redis.call('ZMSCORE', kept, unpack(hashes))
local function findKept(offset, same)
  if not offset then return end
  local id = whole(tonumber(offset)) .. '-0'
  local found = redis.call('XRANGE', stream, id, id)[1]
  if found and string.sub(found[2][4], 1, #same) == same then return tonumber(offset), tonumber(found[2][2]) end
end

-- Earlier versions stored a string for each message. It expires, and may still exist after an upgrade.
local function findAnswer(answer)
  local before = redis.call('GET', answer)
  if not before then return end
  local offset, itsTime, itsEpoch = string.match(before, '^(%d+) (%d+) (.*)$')
  if itsEpoch == epoch and tonumber(offset) <= top then return tonumber(offset), tonumber(itsTime) end
end

-- The position before the first attempt counts only if it is part of the stream.
local function mayBeLost(author, afterEpoch, afterOffset, afterLife)
  if author.lostTime <= since then return false end
  local after = tonumber(afterOffset)
  local isPart = afterEpoch == epoch and after <= top and (afterLife == '' or lifeAt(lives, after) == afterLife)
  return not isPart or author.lost > after
end

local function remember(sent, author, hash)
  local at = headed + author.count % dedupeCount * width
  -- The key lives a quarter longer than its newest record needs, so its expiry is rarely updated.
  local lifetime, quarter = math.ceil(dedupeMs * 1.25), dedupeMs / 4
  local slot, ring = author.slots[at], author.ring or ''
  if author.count >= dedupeCount and (slot or at < #ring) then
    local offset, itsTime = slot, time
    if not slot then offset, itsTime = struct.unpack('>I6I6', ring, at + 13) end
    author.lost, author.lostTime = math.max(author.lost, offset), math.max(author.lostTime, itsTime)
  end
  if at >= author.length then
    -- Redis doubles the memory of a growing string. So replace it by a longer one in steps, and write the records in place.
    local records = math.min(dedupeCount, math.max(4, math.floor((author.length - headed) / width * 1.5)))
    local size = math.max(headed + records * width, at + width)
    local before = author.length > 0 and redis.call('GET', sent) or ''
    redis.call('SET', sent, before .. string.rep('\\0', size - author.length), 'PX', lifetime)
    author.length = size
  elseif math.floor(author.newest / quarter) ~= math.floor(time / quarter) then redis.call('PEXPIRE', sent, lifetime) end
  author.count, author.newest, author.slots[at] = author.count + 1, time, top
  redis.call('SETRANGE', sent, whole(at), hash .. struct.pack('>I6I6', top, time))
end

local function publish(sent, answer, score, entry, retry, hash, afterEpoch, afterOffset, afterLife, same)
  if stored[hash] then return repeated(stored[hash], time) end
  local author = authorOf(sent)
  local offset, itsTime = findSent(author, hash)
  if not offset then offset, itsTime = findKept(score, same) end
  if not offset and (retry == '1' or author.length == 0) then offset, itsTime = findAnswer(answer) end
  if offset then return repeated(offset, itsTime) end
  if retry == '1' and mayBeLost(author, afterEpoch, afterOffset, afterLife) then return respond(0, 0, 3, '') end
${held(`  local ahead = aheadOf(#entry)
  if ahead then return respond(0, 0, 4, ahead) end
`)}  top = top + 1
  if not life then
    -- The first write: what can be refused is refused here.
    life = currentLife()
    if string.sub(lives, 1, #life + 1) ~= life .. ' ' then lives = recordLife(lives, life, top) end
    redis.call('HSET', head, 'top', whole(top), 'lives', lives)
    if top == 1 then redis.call('DEL', kept) end
  end
  redis.call('XADD', stream, whole(top) .. '-0', 't', whole(time), 'e', entry)
${held(`  for _, state in ipairs(states) do state.bytes = state.bytes + #entry end
`)}  stored[hash], added[#added + 1], added[#added + 2] = top, whole(top), hash
  if dedupeMs > 0 then remember(sent, author, hash) end
  -- The life is a field of the entry, which servers of earlier versions ignore.
  notify('m' .. whole(top) .. ' ' .. whole(time) .. ' ' .. epoch .. ' {"life":"' .. life .. '",' .. string.sub(entry, 2))
  respond(top, time, 0, life)
end

local key = ${keysBefore} + 1
for at = ${argumentsBefore} + 1, #ARGV, ${entryArguments} do
  if isRemoved then respond(0, 0, 2, '')
  else
    local score = scores[(key - ${keysBefore} + 1) / 2]
    publish(KEYS[key], KEYS[key + 1], score, unpack(ARGV, at, at + ${entryArguments} - 1))
  end
  key = key + 2
end
if top == began then return reply end
redis.call('HSET', head, 'top', whole(top))
${held(`for index, state in ipairs(states) do
  historyCount = math.max(historyCount, top - state.kept)
  redis.call('HSET', holds, 'bytes ' .. hold.consumers[index], whole(state.bytes))
end
`)}redis.call('XTRIM', stream, 'MAXLEN', '=', historyCount)
-- Before more are added: Redis keeps a set compact until it has had more than 128 members.
if #added > 2 or top % 16 == 0 then redis.call('ZREMRANGEBYSCORE', kept, '-inf', whole(top - historyCount)) end
redis.call('ZADD', kept, unpack(added, math.max(1, #added - 2 * historyCount + 1)))
for sent, author in pairs(authors) do
  if next(author.slots) then
    redis.call('SETRANGE', sent, '0', epoch .. struct.pack('>I6I6I6', author.count, author.lost, author.lostTime))
  end
end
return reply
`;
}

/**
 * Reply of {@link publishScript}: the epoch, then for each entry its offset, time, kind and life. The kind is 0 stored, 1 stored before,
 * 2 room removed, 3 retry refused, 4 too far ahead of the consumer with the name that is there instead of the life.
 */
export type PublishReply = readonly [epoch: string, ...(string | number)[]];

/** What was done with an entry. `ahead`: the consumer that it would be too far ahead of. */
export type PublishResult = Published | 'removed' | 'unknown' | { readonly ahead: string };

/** Reads what {@link PublishReply} says of the entry `index`. */
export function publishedIn(reply: PublishReply, index: number): PublishResult {
  const [offset, time, kind, life] = reply.slice(1 + index * 4, 5 + index * 4) as [number, number, number, string];
  if (kind === 2) return 'removed';
  if (kind === 3) return 'unknown';
  if (kind === 4) return { ahead: life };
  return { epoch: reply[0], offset, life, time, repeated: kind === 1 };
}
