-- What is asked of the phone network, kept until it is done. An order taken is leased: if the worker that took it is
-- killed, the order is due again when the lease ends, and whoever takes it then is told that it is a second try.
-- The order to ring a fresh offer has no body: its name says all, and its first try was handed out with the claim.
--   take, now_ms, lease_ms, most      -> { {id, body, tries}, ... }
--   done, id, leased_until_ms         -> removed, unless the same order was given again meanwhile
--   later, id, leased_until_ms, at_ms [, body] -> due again at at_ms; with a body it counts as not tried
--   slot, now_ms, gap_ms              -> the next free moment to create a leg, so that they leave one gap apart
--   ring, now_ms, gap_ms, offer       -> { offer, agent, slot }: both as they are, and with a gap such a moment if a leg
--                                        has to be created
--   passed, member, at_ms             -> a due time that moved nothing is cleared, unless it was set anew

local P = 'tr:'
local verb = ARGV[1]

if verb == 'take' then
  local now_ms, lease_ms = tonumber(ARGV[2]), tonumber(ARGV[3])
  local taken = {}
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. 'orders', '-inf', now_ms, 'LIMIT', 0, tonumber(ARGV[4]))) do
    redis.call('ZADD', P .. 'orders', now_ms + lease_ms, id)
    local tries, body = redis.call('HINCRBY', P .. 'order_tries', id, 1), redis.call('HGET', P .. 'order_bodies', id)
    taken[#taken + 1] = { id, body, body and tries or tries + 1 }
  end
  return taken
end

local function slot(now_ms, gap_ms)
  local free = math.max(now_ms, tonumber(redis.call('GET', P .. 'leg_slot') or 0))
  redis.call('SET', P .. 'leg_slot', string.format('%d', free + gap_ms))
  return free
end

if verb == 'slot' then return slot(tonumber(ARGV[2]), tonumber(ARGV[3])) end

if verb == 'ring' then
  local gap_ms, key = tonumber(ARGV[3]), P .. 'offer:' .. ARGV[4]
  local offer = redis.call('HMGET', key, 'status', 'leg', 'agent')
  if not offer[3] then return { {}, {}, 0 } end
  local agent = P .. 'agent:' .. offer[3]
  local standing = (redis.call('HGET', agent, 'standing_leg') or '') ~= ''
  local create = gap_ms > 0 and offer[1] == 'placed' and (offer[2] or '') == '' and not standing
  return {
    redis.call('HGETALL', key), redis.call('HGETALL', agent), create and slot(tonumber(ARGV[2]), gap_ms) or 0,
  }
end

local id = ARGV[2]
if verb == 'passed' then
  if tonumber(redis.call('ZSCORE', P .. 'due', id) or -1) ~= tonumber(ARGV[3]) then return 0 end
  return redis.call('ZREM', P .. 'due', id)
end
if tonumber(redis.call('ZSCORE', P .. 'orders', id) or -1) ~= tonumber(ARGV[3]) then return 0 end
if verb == 'later' then
  redis.call('ZADD', P .. 'orders', ARGV[4], id)
  if ARGV[5] then
    redis.call('HSET', P .. 'order_bodies', id, ARGV[5])
    redis.call('HDEL', P .. 'order_tries', id)
  end
else
  redis.call('ZREM', P .. 'orders', id)
  redis.call('HDEL', P .. 'order_bodies', id)
  redis.call('HDEL', P .. 'order_tries', id)
end
return 1
