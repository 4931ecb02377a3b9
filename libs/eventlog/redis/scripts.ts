import { createHash } from 'node:crypto';

/** A Lua script and the name by which Redis knows it once loaded. */
export interface Script {
  readonly lua: string;
  readonly sha1: string;
}

function script(lua: string): Script {
  return { lua, sha1: createHash('sha1').update(lua).digest('hex') };
}

/** Lua: the lease `token` of `partition` is held according to the group's state at `key`. Without a token nothing is asked. */
const HOLDS_LEASE = `
local function holds(key, partition, token)
  if token == '' then return true end
  local state = redis.call('GET', key)
  if not state then return false end
  local owner = cjson.decode(state)['owners'][partition]
  return owner and tostring(owner['token']) == token
end
`;

/**
 * Appends one batch as one stream entry and counts its records and bytes, so that records have gap-free ordinals.
 * KEYS stream, meta, group; ARGV partition, count, cost, batch, partition and token of the lease. Returns entry id and first ordinal, or 'FENCED'.
 */
export const APPEND = script(`${HOLDS_LEASE}
if not holds(KEYS[3], ARGV[5], ARGV[6]) then return 'FENCED' end
local count = tonumber(ARGV[2])
local first = redis.call('HINCRBY', KEYS[2], 'records:' .. ARGV[1], count) - count
local bytes = redis.call('HINCRBY', KEYS[2], 'bytes:' .. ARGV[1], ARGV[3])
return { redis.call('XADD', KEYS[1], '*', 'f', first, 'b', bytes, 'd', ARGV[4]), first }
`);

/**
 * Applies retention to one partition, in steps of at most 200 entries so that no other command waits long.
 * KEYS stream, meta; ARGV partition, bytes, milliseconds.
 */
export const TRIM = script(`
local now = redis.call('TIME')
redis.call('XTRIM', KEYS[1], 'MINID', math.max(0, now[1] * 1000 - tonumber(ARGV[3])))
local total = tonumber(redis.call('HGET', KEYS[2], 'bytes:' .. ARGV[1]) or '0')
for step = 1, 200 do
  local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
  if not oldest or total - tonumber(oldest[2][4]) < tonumber(ARGV[2]) then return step end
  redis.call('XDEL', KEYS[1], oldest[1])
end
return 200
`);

/** Replaces a value if it has not changed. KEYS value; ARGV expected, new ('' for absent). */
export const COMPARE_AND_SET = script(`
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
`);

/** Stores a member's acknowledgement. KEYS group, acknowledged; ARGV partition, token, position. */
export const ACKNOWLEDGE = script(`${HOLDS_LEASE}
if not holds(KEYS[1], ARGV[1], ARGV[2]) then return 0 end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
return 1
`);

export const SCRIPTS = [APPEND, TRIM, COMPARE_AND_SET, ACKNOWLEDGE];
