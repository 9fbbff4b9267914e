-- Applies changes {class, id, state, Tareas gained}* and moves the checkpoint from ARGV[1] to
-- ARGV[2]. Answers 0 and writes nothing when the checkpoint is elsewhere, or gone after a flush.
if redis.call('HGET', KEYS[1], 'posicion') ~= ARGV[1] then
  return 0
end
local over = { finalizada = true, cancelada = true }
for i = 3, #ARGV, 4 do
  local class, id, state, bound = ARGV[i], ARGV[i + 1], ARGV[i + 2], tonumber(ARGV[i + 3])
  local live = class == 't' and KEYS[2] or KEYS[3]
  local stored = redis.call('HGET', live, id)
  local before, held
  if stored then
    before, held = string.match(stored, '^(%S+) (%-?%d+)$')
    if before ~= '-' then
      redis.call('HINCRBY', KEYS[1], class .. ':' .. before, -1)
    end
    bound = bound + tonumber(held)
  end
  if state == '+' then -- taken up again: of what is over nothing is kept but how many there are
    if not stored then
      redis.call('HINCRBY', KEYS[1], 't:finalizada', -1)
    end
    state = 'en_curso'
  end
  if state == '*' then -- a shift begins: free, unless a Tarea still binds him
    state = bound > 0 and 'en_tarea' or 'disponible'
  end
  if before == '-' then
    state = '-' -- discharged for good
  end
  if state ~= '-' then
    redis.call('HINCRBY', KEYS[1], class .. ':' .. state, 1)
  end
  if class == 't' and over[state] then
    redis.call('HDEL', live, id) -- only what may still change is kept
  else
    redis.call('HSET', live, id, state .. ' ' .. string.format('%d', bound))
  end
end
redis.call('HSET', KEYS[1], 'posicion', ARGV[2])
return 1
