import { RedisScript } from './redis-script.js';

/** Lua's `unpack` has room for about 8,000 values; arguments are handed on in portions that stay below. */
const PORTIONS = `
local function inPortions(command, key, first, last)
  for from = first, last, 2000 do
    redis.call(command, key, unpack(ARGV, from, math.min(from + 1999, last)))
  end
end`;

/**
 * KEYS head, live, changes. ARGV epoch, expected seq, new seq, state hash, changes kept, then three counted lists:
 * changes (seq, JSON), live fields to set (ref, sha256), live fields to remove (ref). Returns 1 when the head moved; 0
 * when the head is not the one that the caller saw, and then nothing was written.
 */
export const ADVANCE = new RedisScript(`${PORTIONS}
local head = redis.call('HMGET', KEYS[1], 'epoch', 'seq')
if head[1] ~= ARGV[1] or head[2] ~= ARGV[2] then return 0 end
local expected, seq, kept = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[5])
local at = 6
for _, step in ipairs({ { 'HSET', KEYS[3] }, { 'HSET', KEYS[2] }, { 'HDEL', KEYS[2] } }) do
  local count = tonumber(ARGV[at])
  inPortions(step[1], step[2], at + 1, at + count)
  at = at + count + 1
end
for old = expected + 1 - kept, seq - kept do redis.call('HDEL', KEYS[3], old) end
redis.call('HSET', KEYS[1], 'seq', ARGV[3], 'stateHash', ARGV[4])
return 1`);

/**
 * KEYS head, live, staged live, changes, staged changes. ARGV epoch, seq, state hash, settings version, settings
 * sha256. Replaces all artefacts by the staged ones, unless the head of the same epoch is already further. Settings
 * that are newer than the caller's stay. Returns 1, or 0 when it only discarded the staged artefacts.
 */
export const INSTALL = new RedisScript(`
local head = redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'settingsVersion', 'settingsSha256')
local version, sha256 = ARGV[4], ARGV[5]
if head[1] == ARGV[1] then
  if tonumber(head[2]) > tonumber(ARGV[2]) then
    redis.call('UNLINK', KEYS[3], KEYS[5])
    return 0
  end
  if tonumber(head[3]) > tonumber(version) then version, sha256 = head[3], head[4] end
end
for _, pair in ipairs({ { KEYS[3], KEYS[2] }, { KEYS[5], KEYS[4] } }) do
  redis.call('UNLINK', pair[2])
  if redis.call('EXISTS', pair[1]) == 1 then
    redis.call('RENAME', pair[1], pair[2])
    redis.call('PERSIST', pair[2])
  end
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'seq', ARGV[2], 'stateHash', ARGV[3],
  'settingsVersion', version, 'settingsSha256', sha256)
return 1`);

/**
 * KEYS head, new settings, settings by their prefix. ARGV epoch, version, sha256, seconds that superseded settings stay.
 * Moves the settings forward. Answers 1, or 0 when the head has these or newer ones, or another epoch.
 */
export const MOVE_SETTINGS = new RedisScript(`
local head = redis.call('HMGET', KEYS[1], 'epoch', 'settingsVersion', 'settingsSha256')
if head[1] ~= ARGV[1] or tonumber(head[2]) >= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'settingsVersion', ARGV[2], 'settingsSha256', ARGV[3])
if head[3] ~= ARGV[3] then redis.call('EXPIRE', KEYS[3] .. head[3], ARGV[4]) end
return 1`);

/**
 * KEYS blobs. Answers the numbers (from 1) of those that are missing, and makes the others young again, so that a
 * sweep which runs at the same time leaves them alone.
 */
export const MISSING = new RedisScript(`
local missing = {}
for number, key in ipairs(KEYS) do
  if redis.call('TOUCH', key) == 0 then missing[#missing + 1] = number end
end
return missing`);

/** KEYS blobs without a reference. ARGV seconds. Removes the blobs that were not used for so long; returns their number. */
export const REMOVE_IDLE = new RedisScript(`
local removed = 0
for _, key in ipairs(KEYS) do
  local idle = redis.call('OBJECT', 'IDLETIME', key)
  if idle and idle >= tonumber(ARGV[1]) then removed = removed + redis.call('UNLINK', key) end
end
return removed`);

/** KEYS head, live, changes, settings by their prefix. Answers the head's fields, how many documents are live, and whether the newest change and the settings are there. */
export const INSPECT = new RedisScript(`
local head = redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'stateHash', 'settingsVersion', 'settingsSha256')
if not head[1] then return {} end
return { head[1], head[2], head[3], head[4], head[5], redis.call('HLEN', KEYS[2]),
  redis.call('HEXISTS', KEYS[3], head[2]), redis.call('EXISTS', KEYS[4] .. head[5]) }`);
