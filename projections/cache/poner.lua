-- Stores value ARGV[2] of log position ARGV[1], calculated at ARGV[3] (Unix ms), for ARGV[4] ms.
-- Answers 0 and writes nothing when what is there is of a newer position.
local now = redis.call('HGET', KEYS[1], 'posicion')
if now and tonumber(now) > tonumber(ARGV[1]) then
  return 0
end
redis.call('HSET', KEYS[1], 'posicion', ARGV[1], 'valor', ARGV[2], 'calculado', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
