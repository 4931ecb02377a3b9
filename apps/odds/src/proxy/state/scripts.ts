import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** A Lua script that is sent whole only to a Redis that does not know it yet. */
class Script {
  private readonly sha1: string;

  constructor(private readonly lua: string) {
    this.sha1 = createHash('sha1').update(lua).digest('hex');
  }

  /** The reply, with bulk strings as bytes. */
  async run(redis: Redis, keys: readonly string[], args: readonly (string | number | Buffer)[]): Promise<unknown> {
    try {
      return await redis.callBuffer('evalsha', [this.sha1, keys.length, ...keys, ...args]);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return redis.callBuffer('eval', [this.lua, keys.length, ...keys, ...args]);
    }
  }
}

/**
 * Claims the right to ask. A slot is a hash: w window, f fence, u end of the lease, d done, n waiting elsewhere, o outcome,
 * e and b the last good answer. Redis's clock decides, so that processes agree on windows.
 * KEYS slot, throttle, rest, failures; ARGV window ms, lease ms, ms to keep, fence already counted for, failures before rest.
 */
export const CLAIM = new Script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local window = math.floor(now / ARGV[1])
local slot = redis.call('HMGET', KEYS[1], 'w', 'f', 'u', 'd')
if slot[1] and slot[4] == '0' and tonumber(slot[3]) > now then
  if slot[2] ~= ARGV[4] then redis.call('HINCRBY', KEYS[1], 'n', 1) end
  return { 'RUNNING', slot[2] }
end
if slot[1] and slot[4] == '1' and tonumber(slot[1]) >= window then
  local known = redis.call('HMGET', KEYS[1], 'o', 'e', 'b')
  if known[1] and known[1] ~= '' then return { 'DONE', known[1], known[2] or '', known[3] or '' } end
  return { 'LATER', tostring((slot[1] + 1) * ARGV[1] - now) }
end
for index = 2, 3 do
  local why = redis.call('GET', KEYS[index])
  if why then return { 'RESTING', why, tostring(redis.call('PTTL', KEYS[index])) } end
end
if tonumber(redis.call('GET', KEYS[4]) or '0') >= tonumber(ARGV[5]) then redis.call('SET', KEYS[3], '', 'PX', ARGV[2]) end
local fence = redis.call('HINCRBY', KEYS[1], 'f', 1)
redis.call('HSET', KEYS[1], 'w', string.format('%.0f', window), 'u', string.format('%.0f', now + ARGV[2]), 'd', '0', 'n', '0', 'o', '')
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return { 'YOURS', tostring(fence), string.format('%.0f', window) }
`);

/**
 * Stores the outcome of a request, unless another process got the permit since.
 * KEYS slot, throttle, rest, failures; ARGV fence, outcome, answer ('' for none), body, verdict (ok, throttled, breaking, other),
 * throttle ms, cooldown ms, why, failures before rest, channel, id.
 */
export const SETTLE = new Script(`
if redis.call('HGET', KEYS[1], 'f') ~= ARGV[1] or redis.call('HGET', KEYS[1], 'd') ~= '0' then return 0 end
redis.call('HSET', KEYS[1], 'd', '1', 'o', ARGV[2])
if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], 'e', ARGV[3], 'b', ARGV[4]) end
if ARGV[5] == 'ok' then
  redis.call('DEL', KEYS[3], KEYS[4])
elseif ARGV[5] == 'breaking' then
  local failures = redis.call('INCR', KEYS[4])
  redis.call('PEXPIRE', KEYS[4], ARGV[7] * 10)
  if failures >= tonumber(ARGV[9]) then redis.call('SET', KEYS[3], ARGV[8], 'PX', ARGV[7]) end
else
  redis.call('DEL', KEYS[3])
  if ARGV[5] == 'throttled' and tonumber(ARGV[6]) > 0 then redis.call('SET', KEYS[2], ARGV[8], 'PX', ARGV[6]) end
end
redis.call('PUBLISH', ARGV[10], ARGV[11])
return 1
`);

/** Gives up unless a process waits. KEYS slot; ARGV fence, channel, id. */
export const ABANDON = new Script(`
if redis.call('HGET', KEYS[1], 'f') ~= ARGV[1] or redis.call('HGET', KEYS[1], 'd') ~= '0' then return 1 end
if tonumber(redis.call('HGET', KEYS[1], 'n')) > 0 then return 0 end
redis.call('HSET', KEYS[1], 'd', '1')
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1
`);

/** Stops waiting. KEYS slot; ARGV fence. */
export const LEAVE = new Script(`
if redis.call('HGET', KEYS[1], 'f') == ARGV[1] and redis.call('HGET', KEYS[1], 'd') == '0' then redis.call('HINCRBY', KEYS[1], 'n', -1) end
return 1
`);
