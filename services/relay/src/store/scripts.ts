import type { Cluster, Redis } from 'ioredis'

/**
 * One hash tag for every key, so that each script is one step and each bound exact. In a Redis Cluster one node holds
 * them all, which the bound on the queue's bytes keeps small enough; the scripts' keys beside the one that they are
 * given are in its slot.
 *
 * - `expiry`: tokens by when they end, `maker`: who made each, `made:<maker>`: a maker's tokens by when they end
 * - `queue:<token>`: numbers of the requests that wait, `parcel:<token>`: head by number, body by number and `b`
 * - `order`: `<number>:<token>` of all requests by number, `bytes`: by token, `total`: of all, `seq`: the last number
 */
export const TAG = '{relay}'

const COMMON = `
local tag = KEYS[1]
local function key(name) return tag .. ':' .. name end
local function lives(token, now)
  local ends = redis.call('ZSCORE', key('expiry'), token)
  return ends and tonumber(ends) > tonumber(now)
end
local function drop(token, seq)
  local parcel = key('parcel:' .. token)
  local size = redis.call('HSTRLEN', parcel, seq) + redis.call('HSTRLEN', parcel, seq .. 'b')
  if redis.call('ZREM', key('queue:' .. token), seq) == 0 then return end
  redis.call('HDEL', parcel, seq, seq .. 'b')
  redis.call('ZREM', key('order'), seq .. ':' .. token)
  redis.call('HINCRBY', key('bytes'), token, -size)
  redis.call('DECRBY', key('total'), size)
end
`

/** Token, maker, end, most, now. Answers when the maker's first token ends where there are too many. */
const ADD = `
local token, maker, ends, most, now = unpack(ARGV)
local made = key('made:' .. maker)
redis.call('ZREMRANGEBYSCORE', made, '-inf', now)
if redis.call('ZCARD', made) >= tonumber(most) then return redis.call('ZRANGE', made, 0, 0, 'WITHSCORES')[2] end
redis.call('ZADD', key('expiry'), ends, token)
redis.call('HSET', key('maker'), token, maker)
redis.call('ZADD', made, ends, token)
return false
`

/** Token, end, now. */
const REFRESH = `
local token, ends, now = unpack(ARGV)
if not lives(token, now) then return 0 end
redis.call('ZADD', key('expiry'), ends, token)
redis.call('ZADD', key('made:' .. redis.call('HGET', key('maker'), token)), ends, token)
return 1
`

/**
 * Token, now, most requests and bytes of a token, most bytes of all, head, body where there is one. Answers how many
 * requests were dropped, -1 where the token does not live. Numbers follow the time, so that they go on rising where
 * Redis lost what it had.
 */
const APPEND = `
local token, now, requests, bytes, totalBytes, head, body = unpack(ARGV)
if not lives(token, now) then return -1 end
local last = tonumber(redis.call('GET', key('seq')) or 0)
local seq = string.format('%.0f', math.max(last + 1, tonumber(now) * 1000))
redis.call('SET', key('seq'), seq)
redis.call('HSET', key('parcel:' .. token), seq, head)
if body then redis.call('HSET', key('parcel:' .. token), seq .. 'b', body) end
redis.call('ZADD', key('queue:' .. token), seq, seq)
redis.call('ZADD', key('order'), seq, seq .. ':' .. token)
local size = #head + (body and #body or 0)
redis.call('HINCRBY', key('bytes'), token, size)
redis.call('INCRBY', key('total'), size)
local lost = 0
while redis.call('ZCARD', key('queue:' .. token)) > tonumber(requests)
  or tonumber(redis.call('HGET', key('bytes'), token)) > tonumber(bytes) do
  drop(token, redis.call('ZRANGE', key('queue:' .. token), 0, 0)[1])
  lost = lost + 1
end
while tonumber(redis.call('GET', key('total'))) > tonumber(totalBytes) do
  local first, of = string.match(redis.call('ZRANGE', key('order'), 0, 0)[1], '^(%d+):(.*)$')
  drop(of, first)
  lost = lost + 1
end
return lost
`

/** Token, number, most. Answers number, head and body of each. */
const READ = `
local token, after, most = unpack(ARGV)
local found = {}
for _, seq in ipairs(redis.call('ZRANGEBYSCORE', key('queue:' .. token), '(' .. after, '+inf', 'LIMIT', 0, most)) do
  local parcel = redis.call('HMGET', key('parcel:' .. token), seq, seq .. 'b')
  table.insert(found, { seq, parcel[1], parcel[2] })
end
return found
`

/** Token, numbers. */
const REMOVE = `
for place = 2, #ARGV do drop(ARGV[1], ARGV[place]) end
`

/** Now, most tokens. Answers how many tokens it removed. */
const SWEEP = `
local ended = redis.call('ZRANGEBYSCORE', key('expiry'), '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, token in ipairs(ended) do
  for _, seq in ipairs(redis.call('ZRANGE', key('queue:' .. token), 0, -1)) do drop(token, seq) end
  local maker = redis.call('HGET', key('maker'), token)
  redis.call('ZREM', key('made:' .. maker), token)
  redis.call('HDEL', key('maker'), token)
  redis.call('HDEL', key('bytes'), token)
  redis.call('ZREM', key('expiry'), token)
end
return #ended
`

const SCRIPTS = {
  relayAdd: ADD,
  relayRefresh: REFRESH,
  relayAppend: APPEND,
  relayRead: READ,
  relayRemove: REMOVE,
  relaySweep: SWEEP,
} as const

export type RedisClient = Redis | Cluster

type Argument = string | number | Buffer

/** The scripts as commands; see each for its arguments. */
interface Scripts {
  relayAdd(tag: string, ...rest: Argument[]): Promise<string | null>
  relayRefresh(tag: string, ...rest: Argument[]): Promise<number>
  relayAppend(tag: string, ...rest: Argument[]): Promise<number>
  relayReadBuffer(tag: string, ...rest: Argument[]): Promise<[Buffer, Buffer, Buffer | null][]>
  relayRemove(tag: string, ...rest: Argument[]): Promise<null>
  relaySweep(tag: string, ...rest: Argument[]): Promise<number>
}

/** Makes the scripts commands of the connection. */
export function withScripts(client: RedisClient): RedisClient & Scripts {
  for (const [name, lua] of Object.entries(SCRIPTS))
    client.defineCommand(name, { numberOfKeys: 1, lua: COMMON + lua })
  return client as RedisClient & Scripts
}

export type Runner = ReturnType<typeof withScripts>
