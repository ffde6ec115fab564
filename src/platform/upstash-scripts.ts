/**
 * Decides: how a sliding window is counted in Redis: the two scripts, and the form in which counts lie there.
 * Never: lets a window pass its maximum, and writes nothing for a request that it refuses.
 *
 * A key is one rule's count, a hash with two fields for each sub-window (a sixtieth of the period), by its
 * number since the epoch: `29` what was taken in it, `n29` when last (epoch ms). A sub-window counts until its
 * last taking is a period old, so that a window is never shorter than the period and no wait is longer. Other
 * systems that share a count run the same scripts (docs/OPERATING.md). Both are atomic; with the flag in the
 * first line Upstash locks their keys alone instead of the whole database.
 */
import type { RedisScript } from "./upstash-client.ts";

/** How many sub-windows make a period. */
export const SUB_WINDOWS = 60;

/**
 * Keys: the rules'. Values: now (epoch ms), then for each key: its period (ms), maximum, amount, 1 if it
 * refuses or 0 if it only watches.
 *
 * Answers {1 or 0: whether all was taken, then for each key: used before, until when something is used
 * (epoch ms), wait}; wait is 0 where the amount fits, milliseconds where it will, -1 where it never can.
 *
 * Clocks that differ: what was taken in the future counts too, and counts are kept for two periods, so that
 * one clock that is ahead does not make the others forget.
 */
export const TAKE: RedisScript = {
  hash: "b66e4661912118386da8a5096041a5f2ccd7e0a0",
  script: `#!lua flags=allow-key-locking
local now = tonumber(ARGV[1])
local answer, forgotten = { 1 }, {}
for k = 1, #KEYS do
  local at = (k - 1) * 4 + 2
  local period, max, amount = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local fields, newest = redis.call('HGETALL', KEYS[k]), {}
  for f = 1, #fields, 2 do
    if string.sub(fields[f], 1, 1) == 'n' then
      newest[string.sub(fields[f], 2)] = tonumber(fields[f + 1])
    end
  end
  local counts, used, last = {}, 0, now - period
  forgotten[k] = {}
  for f = 1, #fields, 2 do
    local name, seen = fields[f], newest[fields[f]] or now
    if string.sub(name, 1, 1) ~= 'n' then
      local count = tonumber(fields[f + 1])
      if seen > now - period then
        counts[#counts + 1] = { seen, count }
        used = used + count
        if seen > last then last = seen end
      elseif seen <= now - 2 * period then
        forgotten[k][#forgotten[k] + 1] = name
        forgotten[k][#forgotten[k] + 1] = 'n' .. name
      end
    end
  end
  local wait = 0
  if used + amount > max then
    wait = -1
    if amount <= max then
      table.sort(counts, function(a, b) return a[1] < b[1] end)
      local left = used
      for c = 1, #counts do
        left = left - counts[c][2]
        if left + amount <= max then
          wait = counts[c][1] + period - now
          break
        end
      end
    end
    if ARGV[at + 3] == '1' then answer[1] = 0 end
  end
  answer[#answer + 1] = used
  answer[#answer + 1] = last + period
  answer[#answer + 1] = wait
end
if answer[1] == 1 then
  for k = 1, #KEYS do
    local at = (k - 1) * 4 + 2
    local period = tonumber(ARGV[at])
    local field = string.format('%.0f', math.floor(now * 60 / period))
    redis.call('HINCRBY', KEYS[k], field, ARGV[at + 2])
    local seen = tonumber(redis.call('HGET', KEYS[k], 'n' .. field) or 0)
    if now > seen then redis.call('HSET', KEYS[k], 'n' .. field, ARGV[1]) end
    redis.call('PEXPIRE', KEYS[k], string.format('%.0f', period * 3))
    for s = 1, #forgotten[k] do redis.call('HDEL', KEYS[k], forgotten[k][s]) end
  end
end
return answer
`,
};

/**
 * Keys: the rules'. Values for each key: number of the sub-window that was taken from, what has to be added
 * (less than nothing: given back). What is over and forgotten stays so; nothing falls below zero.
 */
export const SETTLE: RedisScript = {
  hash: "18f90aed7a1a6f8849363d90a01dd32dbdcb89e5",
  script: `#!lua flags=allow-key-locking
for k = 1, #KEYS do
  local field, more = ARGV[k * 2 - 1], ARGV[k * 2]
  if redis.call('HEXISTS', KEYS[k], field) == 1 then
    if redis.call('HINCRBY', KEYS[k], field, more) <= 0 then
      redis.call('HDEL', KEYS[k], field, 'n' .. field)
    end
  end
end
return 1
`,
};
