-- One request against one bucket (GCRA): the bucket is a single number, the
-- moment in microseconds at which it is full again.
-- KEYS[1] bucket   ARGV[1] microseconds that one request weighs
-- ARGV[2] requests the bucket holds   ARGV[3] now in microseconds; 0: this server's clock
local every, holds, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if now == 0 then
  local t = redis.call('TIME')
  now = t[1] * 1000000 + t[2]
end
local span = every * holds
local full = tonumber(redis.call('GET', KEYS[1]) or now)
-- After a step back of the clock nobody waits longer than for an empty bucket.
full = math.min(math.max(full, now), now + span)
local after = full + every - now
if after > span then
  return {0, 0, after - span, full - now}
end
redis.call('SET', KEYS[1], string.format('%.0f', now + after), 'PX', math.ceil(after / 1000))
return {1, math.floor((span - after) / every), 0, after}
