/**
 * What presence does in Redis, each at once. A place is one hash: `=<connection>` to what is kept of an entry (its
 * process' incarnation, the escaped person and the JSON, a line each), `#<escaped person>` to how many connections they
 * have there. A claim is a string: the incarnation, a space, the connection. Each script has the keys of one slot, so
 * that a Cluster takes it.
 */

/** KEYS place; ARGV connection, escaped person, what is kept. Answers 1 where the person was not there before. */
const ENTER = `
local field, person = '=' .. ARGV[1], '#' .. ARGV[2]
local first = 1 - redis.call('HEXISTS', KEYS[1], person)
local old = redis.call('HGET', KEYS[1], field)
local before = old and '#' .. string.match(old, '^%d+\\n([^\\n]*)\\n')
if before ~= person then
  if before and redis.call('HINCRBY', KEYS[1], before, -1) <= 0 then redis.call('HDEL', KEYS[1], before) end
  redis.call('HINCRBY', KEYS[1], person, 1)
end
redis.call('HSET', KEYS[1], field, ARGV[3])
return first`

/**
 * KEYS place; ARGV connection, the incarnation that it must be of or nothing, the escaped person to look for where it
 * is not there. Answers what was kept, if it was there, and how many connections the person has left.
 */
const LEAVE = `
local field = '=' .. ARGV[1]
local kept = redis.call('HGET', KEYS[1], field)
if not kept or (ARGV[2] ~= '' and string.match(kept, '^%d+') ~= ARGV[2]) then
  return {false, tonumber(redis.call('HGET', KEYS[1], '#' .. ARGV[3]) or 0)}
end
redis.call('HDEL', KEYS[1], field)
local person = '#' .. string.match(kept, '^%d+\\n([^\\n]*)\\n')
local left = redis.call('HINCRBY', KEYS[1], person, -1)
if left <= 0 then redis.call('HDEL', KEYS[1], person) end
return {kept, left}`

/** KEYS claim; ARGV incarnation, connection. Answers who holds it now. */
const CLAIM = `
local held = redis.call('GET', KEYS[1])
local holder = held and string.match(held, '^%d+ (.*)$')
if holder and holder ~= ARGV[2] then return holder end
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2])
return ARGV[2]`

/** KEYS claim; ARGV connection, the incarnation that it must be of or nothing. */
const RELEASE = `
local held = redis.call('GET', KEYS[1])
if not held then return 0 end
local incarnation, holder = string.match(held, '^(%d+) (.*)$')
if holder ~= ARGV[1] or (ARGV[2] ~= '' and incarnation ~= ARGV[2]) then return 0 end
return redis.call('DEL', KEYS[1])`

/**
 * Renews the lease of a process, and lists those that let theirs run out.
 *
 * KEYS leases, dead, clock; ARGV process, milliseconds of a lease, of a gap, of grace, a name for the data if it has
 * none. Times are Redis' own, in milliseconds. Where nobody renewed for longer than a gap, Redis was away, or everyone
 * was: then nobody is counted as dead until all had the grace to come back.
 *
 * Answers whether the lease was still there, the name of the data, and the dead, each with how long it is known to be.
 */
const RENEW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local clock = redis.call('HMGET', KEYS[3], 'last', 'since')
local since = tonumber(clock[2])
if not since or now - tonumber(clock[1]) > tonumber(ARGV[3]) then since = now end
redis.call('HSET', KEYS[3], 'last', string.format('%d', now), 'since', string.format('%d', since))
local known = redis.call('ZSCORE', KEYS[1], ARGV[1]) and 1 or 0
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
if now - since >= tonumber(ARGV[4]) then
  for _, process in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
    redis.call('ZREM', KEYS[1], process)
    redis.call('ZADD', KEYS[2], now, process)
  end
end
redis.call('HSETNX', KEYS[3], 'name', ARGV[5])
local answer = {known, redis.call('HGET', KEYS[3], 'name')}
local dead = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
for i = 1, #dead, 2 do
  answer[#answer + 1] = dead[i]
  answer[#answer + 1] = now - dead[i + 1]
end
return answer`

export const SCRIPTS = {
  sbEnter: { lua: ENTER, numberOfKeys: 1 },
  sbLeave: { lua: LEAVE, numberOfKeys: 1 },
  sbClaim: { lua: CLAIM, numberOfKeys: 1 },
  sbRelease: { lua: RELEASE, numberOfKeys: 1 },
  sbRenew: { lua: RENEW, numberOfKeys: 3 },
} as const
