-- What commit.lua and match.lua share; each is read behind this file.

local P = 'tr:'

-- `heads` holds the front of every line that is not empty, so that one read tells an agent which line is oldest.
local function refresh_head(line)
  local head = redis.call('ZRANGE', P .. 'line:' .. line, 0, 0, 'WITHSCORES')
  if head[1] then
    redis.call('ZADD', P .. 'heads', head[2], line)
  else
    redis.call('ZREM', P .. 'heads', line)
  end
end
