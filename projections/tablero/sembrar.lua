-- Replaces everything by {figure, count}*ARGV[2] and {class, id, state, Tareas}* of position
-- ARGV[1]. Answers 0 and writes nothing when what is there is as new already.
local now = redis.call('HGET', KEYS[1], 'posicion')
if now and tonumber(now) >= tonumber(ARGV[1]) then
  return 0
end
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
local i = 3
for _ = 1, tonumber(ARGV[2]) do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  i = i + 2
end
while i <= #ARGV do
  redis.call('HSET', ARGV[i] == 't' and KEYS[2] or KEYS[3], ARGV[i + 1], ARGV[i + 2] .. ' ' .. ARGV[i + 3])
  i = i + 4
end
redis.call('HSET', KEYS[1], 'posicion', ARGV[1])
return 1
