/**
 * The scripts of {@link RedisSessionStore}. A session is a hash: `p` person (empty for none), `c` creation, `s` last use and `e` expiry in
 * milliseconds since 1970, and a field `=key` for each value. A person has a sorted set of sessions by last use.
 */
import { RedisScript } from '../../../stores/redis-script.ts';

/**
 * Changes a session. KEYS: session, the session that it was before. ARGV: begin of the keys of lists, begin of the keys of sessions, id,
 * `new`, `same` or `renamed`, id before, now, person, creation, last use, expiry, time to live, login, clears, most bytes, most keys, most
 * sessions, expectation (`none`, `missing` or `text`), its key, its text, then three for each value: key, `set` or `delete`, text.
 */
export const saveScript: RedisScript = new RedisScript(`
local lists, sessions, id, from, before, now = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local person, created, seen, expires, ttl = ARGV[7], ARGV[8], ARGV[9], ARGV[10], tonumber(ARGV[11])
local stored = {}
if from ~= 'new' then
  local flat = redis.call('HGETALL', KEYS[2])
  for i = 1, #flat, 2 do stored[flat[i]] = flat[i + 1] end
  if not stored.e or tonumber(stored.e) <= now then return { 'gone' } end
end
if ARGV[17] ~= 'none' then
  local text = stored['=' .. ARGV[18]]
  if ARGV[17] == 'missing' and text then return { 'conflict', text } end
  if ARGV[17] == 'text' and text ~= ARGV[19] then return { 'conflict', text or false } end
end

local function measure(fields)
  local bytes, keys = 0, 0
  for name, text in pairs(fields) do
    if string.sub(name, 1, 1) == '=' then
      bytes = bytes + #name - 1 + #text
      keys = keys + 1
    end
  end
  return bytes, keys
end

local values = {}
if ARGV[13] == '0' then
  for name, text in pairs(stored) do
    if string.sub(name, 1, 1) == '=' then values[name] = text end
  end
end
for i = 20, #ARGV, 3 do
  values['=' .. ARGV[i]] = ARGV[i + 1] == 'set' and ARGV[i + 2] or nil
end
local bytes, keys = measure(values)
if bytes > tonumber(ARGV[14]) or keys > tonumber(ARGV[15]) then
  local oldBytes, oldKeys = measure(stored)
  if bytes > oldBytes or keys > oldKeys then return { 'full', tostring(bytes), tostring(keys) } end
end

if from == 'same' then
  person, created = stored.p, stored.c
elseif redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('DEL', KEYS[1])
end
-- First, since a Redis without memory refuses it, but only as the first change of a script.
redis.call('HSET', KEYS[1], 'p', person, 'c', created, 's', seen, 'e', expires)
if from == 'same' then
  for name, _ in pairs(stored) do
    if string.sub(name, 1, 1) == '=' and not values[name] then redis.call('HDEL', KEYS[1], name) end
  end
elseif from == 'renamed' then
  redis.call('DEL', KEYS[2])
  if stored.p ~= '' then redis.call('ZREM', lists .. stored.p, before) end
end
for name, text in pairs(values) do
  if from ~= 'same' or stored[name] ~= text then redis.call('HSET', KEYS[1], name, text) end
end
redis.call('PEXPIRE', KEYS[1], ttl)
if person == '' then return { 'saved' } end

local list = lists .. person
redis.call('ZADD', list, seen, id)
if redis.call('PTTL', list) < ttl then redis.call('PEXPIRE', list, ttl) end
local result = { 'saved' }
if ARGV[12] == '0' then return result end
for _, other in ipairs(redis.call('ZRANGE', list, 0, -1)) do
  local ends = redis.call('HGET', sessions .. other, 'e')
  if not ends or tonumber(ends) <= now then
    redis.call('DEL', sessions .. other)
    redis.call('ZREM', list, other)
  end
end
local over = redis.call('ZCARD', list) - tonumber(ARGV[16])
if over <= 0 then return result end
for _, other in ipairs(redis.call('ZRANGE', list, 0, over)) do
  if other ~= id and #result <= over then
    redis.call('DEL', sessions .. other)
    redis.call('ZREM', list, other)
    result[#result + 1] = other
  end
end
return result
`);

/** Reads the sessions of a person. KEYS: list. ARGV: begin of the keys of sessions. Returns each id and the fields of its session. */
export const listScript: RedisScript = new RedisScript(`
local result = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local fields = redis.call('HGETALL', ARGV[1] .. id)
  if #fields > 0 then result[#result + 1] = { id, fields } end
end
return result
`);

/** Ends sessions. KEYS: sessions. ARGV: begin of the keys of lists, now, then the id of each. Returns the ids of those that existed. */
export const endScript: RedisScript = new RedisScript(`
local result = {}
for i, key in ipairs(KEYS) do
  local fields = redis.call('HMGET', key, 'p', 'e')
  if fields[2] then
    redis.call('DEL', key)
    if fields[1] ~= '' then redis.call('ZREM', ARGV[1] .. fields[1], ARGV[i + 2]) end
    if tonumber(fields[2]) > tonumber(ARGV[2]) then result[#result + 1] = ARGV[i + 2] end
  end
end
return result
`);
