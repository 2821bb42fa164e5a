/** The script that amends a message, and its reply. */
import { RedisScript } from '../../../stores/redis-script.ts';
import type { AmendReply } from '../amendments.ts';
import { heldBeginning } from './redis-hold-scripts.ts';
import { streamBeginning } from './redis-stream.ts';

/** The part of {@link amendHeldScript} that ensures that consumers look at the room. */
const listing = `local unlisted = unlistedOf(cjson.decode(ARGV[10]))
if #unlisted > 0 then return {'', unpack(unlisted)} end
`;

/**
 * Further arguments: hash of author and id, the first part of an entry with them, the new data, and the version that was changed or ''.
 * Entries of a Redis stream cannot be changed, so all kept entries are copied.
 */
export const amendScript: RedisScript = new RedisScript(scriptText(false));

/** Like {@link amendScript}, with the key `holds` and a last argument `hold`. */
export const amendHeldScript: RedisScript = new RedisScript(scriptText(true));

function scriptText(isHeld: boolean): string {
  return `${isHeld ? heldBeginning : streamBeginning}
local hash, same, data, given = unpack(ARGV, 6)
local epoch, _, lives, isRemoved = currentHead()
local offset = not isRemoved and redis.call('ZSCORE', kept, hash)
local id = offset and whole(tonumber(offset)) .. '-0'
local found = id and redis.call('XRANGE', stream, id, id)[1]
if not found or string.sub(found[2][4], 1, #same) ~= same then return {'gone'} end
local _, sent, _, entry, _, version, _, amended = unpack(found[2])
version, offset = tonumber(version or 0), tonumber(offset)
local life = lifeAt(lives, offset)
-- A quotation mark inside of a string is escaped, so this mark is found once.
local at = string.find(entry, '},"data":', 1, true)
local changed = (at and string.sub(entry, 1, at) or string.sub(entry, 1, -2)) .. ',"data":' .. data .. '}'
if changed == entry then return {epoch, offset, life, version, tonumber(amended or sent), 1} end
if given ~= '' and tonumber(given) ~= version then return {'conflict', version} end
${isHeld ? listing : ''}local clock = redis.call('TIME')
local time = clock[1] * 1000 + math.floor(clock[2] / 1000)
local next, after = storedVersion + 1, '-'
-- The first write: a Redis without memory refuses it, and nothing has changed. It would not refuse it after another one.
redis.call('HSET', head, 'version', whole(next))
redis.call('DEL', spare)
repeat
  local some = redis.call('XRANGE', stream, after, '+', 'COUNT', 64)
  for _, each in ipairs(some) do
    if each[1] ~= id then redis.call('XADD', spare, each[1], unpack(each[2]))
    else redis.call('XADD', spare, id, 't', sent, 'e', changed, 'v', whole(next), 'a', whole(time)) end
    after = '(' .. each[1]
  end
until #some < 64
redis.call('RENAME', spare, stream)
notify('a' .. whole(next) .. ' ' .. whole(time) .. ' ' .. whole(offset) .. ' ' .. sent .. ' ' .. epoch ..
  ' {"life":"' .. life .. '",' .. string.sub(changed, 2))
return {epoch, offset, life, next, time, 0}
`;
}

/** Reply of {@link amendScript}. The last number: 1 if the message had this data already. */
export type AmendScriptReply =
  | readonly ['gone']
  | readonly ['conflict', version: number]
  | readonly [epoch: string, offset: number, life: string, version: number, time: number, repeated: 0 | 1];

/** Reads the reply of {@link amendScript}. */
export function toAmendReply(reply: AmendScriptReply): AmendReply {
  const [first, offset] = reply;
  if (reply.length === 1) return { refused: 'gone' };
  if (reply.length === 2) return { refused: 'conflict', version: reply[1] };
  const [, , life, version, time, repeated] = reply;
  return { epoch: first, offset: offset ?? 0, life, version, time, repeated: repeated === 1 };
}
