/**
 * Takes the turn if it is free. Returns whether it was taken, and the current entry. This is one step, so that the entry is
 * never older than the turn. An owner that has the turn already keeps it: the reply to its first call may have been lost.
 * KEYS: entry, turn. ARGV: owner, ms.
 */
export const TAKE_TURN = `
local owner = redis.call('GET', KEYS[2])
local taken = not owner or owner == ARGV[1]
if taken then redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2]) end
return { taken and 1 or 0, redis.call('GET', KEYS[1]) }`;

/** Gives the turn back, unless it belongs to another owner by now. KEYS: turn. ARGV: owner. */
export const GIVE_TURN_BACK = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

/**
 * Compare and set: if the current entry has the expected version, writes the new entry, publishes a message and returns
 * `nil`. Otherwise returns the current entry ('' if there is none).
 * KEYS: entry. ARGV: expected version, new entry, ms to keep it, channel, message.
 */
export const COMPARE_AND_SET = `
local value = redis.call('GET', KEYS[1])
local version = value and string.match(value, '^%S+') or ''
if version ~= ARGV[1] then return value or '' end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.pcall('PUBLISH', ARGV[4], ARGV[5])
return nil`;
