-- The best pairs, claimed: take the next cause, find the line it is about, tie that line's front to the best idle agent.
-- The records come ready-made from the lifecycle as `template`, whose parts return fields and values with who and when
-- filled in. Its pure twin is queues/match.py. Each redis.call costs more than most of the work behind it, so every key
-- is read and written once.
--   now_ms, most, lease_ms [, 'rest']   -> { 'call agent offer', ... }, fewer than `most` when nothing else fits
-- The orders to ring are leased to the caller, who carries them out at once. `rest` clears the wake-up mark first.

local MOST_TURNS = 8
local now_ms, most, lease_ms = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])

-- The lists that a record stands in, and by how many milliseconds the calls of each are held back for this agent.
local function lists_in(stands)
  local names, back, count = {}, {}, 0
  local ordered = string.find(stands, '#', 1, true)
  for token in string.gmatch(stands, '%S+') do
    count = count + 1
    local ms, list
    if ordered then ms, list = string.match(token, '^(%d+)#(.+)$') end
    names[count], back[count] = list or token, tonumber(ms) or 0
  end
  return names, back
end

local function best_line(names, back)
  if not names[1] then return nil end
  local scores = redis.call('ZMSCORE', P .. 'heads', unpack(names))
  local best, lowest
  for i = 1, #names do
    local score = scores[i] and scores[i] + back[i]
    if score and (not lowest or score < lowest or (score == lowest and names[i] < best)) then
      best, lowest = names[i], score
    end
  end
  return best
end

local function best_agent(names)
  local agent, lowest
  for i = 1, #names do
    local head = redis.call('ZRANGE', P .. 'idle:' .. names[i], 0, 0, 'WITHSCORES')
    local score = tonumber(head[2])
    if score and (not lowest or score < lowest or (score == lowest and head[1] < agent)) then
      agent, lowest = head[1], score
    end
  end
  return agent
end

-- A cause names a call or an agent; from there to the pair in which both are best for each other. Returns the agent, the
-- lists they stand in, the version of their record, and the line. Each turn of the loop goes to an older call, so it
-- ends; where agents' orders of queues make a circle, it is cut.
local function pair_for(cause)
  local kind, agent = string.match(cause, '^(%a+):(.+)$')
  if kind == 'call' then agent = best_agent((lists_in(redis.call('HGET', P .. cause, 'stands') or ''))) end
  for turn = 1, MOST_TURNS do
    if not agent then return nil end
    local row = redis.call('HMGET', P .. 'agent:' .. agent, 'stands', 'version')
    local names, back = lists_in(row[1] or '')
    local line = best_line(names, back)
    if not line then return nil end
    local better = best_agent({ line })
    if better == agent or turn == MOST_TURNS then return agent, names, row[2], line end
    agent = better
  end
end

-- The agent's side of a claim: their record, the offer, its due time, its event and the order to ring, whose name says
-- all that it needs.
local function offer_to(agent, names, version, who)
  local offer = redis.call('INCR', P .. 'offers')
  if offer < tonumber(now_ms) then
    offer = tonumber(now_ms)
    redis.call('SET', P .. 'offers', now_ms)
  end
  offer = string.format('%d', offer)
  who.agent, who.offer, who.version = agent, offer, string.format('%d', version + 1)
  for i = 1, #names do redis.call('ZREM', P .. 'idle:' .. names[i], agent) end
  redis.call('HSET', P .. 'agent:' .. agent, template.agent(who))
  redis.call('HSET', P .. 'offer:' .. offer, template.offer(who))
  redis.call('ZADD', P .. 'due', now_ms + template.lease_ms, 'offer:' .. offer)
  redis.call('XADD', P .. 'events', '*', template.event(who))
  redis.call('ZADD', P .. 'orders', now_ms + lease_ms, 'ring:' .. offer)
  return offer
end

local function ring_also(line, count, who)
  local numbers, names = {}, {}
  for _ = 2, count do
    local another = best_agent({ line })
    if not another then break end
    local row = redis.call('HMGET', P .. 'agent:' .. another, 'stands', 'version')
    local offer = offer_to(another, lists_in(row[1]), row[2], who)
    redis.call('ZADD', P .. 'orders', now_ms, 'ring:' .. offer)
    redis.call('HSET', P .. 'order_bodies', 'ring:' .. offer, '{"do":"ring","offer":' .. offer .. '}')
    numbers[#numbers + 1] = offer
    names[#names + 1] = ',"agent:' .. another .. '"'
  end
  return table.concat(numbers, ' '), table.concat(names)
end

local function claim(agent, names, version, line)
  local front = redis.call('ZRANGE', P .. 'line:' .. line, 0, 1, 'WITHSCORES')
  local call, behind = front[1], front[4]
  local queue, needs = string.match(line, '([^|]*)|([^|]*)')
  local who = {
    call = call, needs = needs, rule = template.rules[queue], now_ms = now_ms,
    idle = redis.call('ZCARD', P .. 'idle:' .. line), waiting = redis.call('ZCARD', P .. 'line:' .. line),
  }
  local offer, also, others = offer_to(agent, names, version, who), '', ''
  if template.several[queue] then also, others = ring_also(line, template.several[queue], who) end

  local row = redis.call('HMGET', P .. 'call:' .. call, 'stands', 'version')
  for list in string.gmatch(row[1], '%S+') do
    redis.call('ZREM', P .. 'line:' .. list, call)
    if list ~= line then
      refresh_head(list)
    elseif behind then
      redis.call('ZADD', P .. 'heads', behind, line)
    else
      redis.call('ZREM', P .. 'heads', line)
    end
  end
  who.agent, who.offer, who.also, who.version = agent, offer, also, string.format('%d', row[2] + 1)
  redis.call('HSET', P .. 'call:' .. call, template.call(who))
  redis.call('PUBLISH', P .. 'changes', '["call:' .. call .. '","agent:' .. agent .. '"' .. others .. ']')
  return call, offer
end

if ARGV[4] then redis.call('DEL', P .. 'wake') end

-- A cause is done when its own call or agent was claimed, or when it leads to nobody; until then it stays in front.
local made = {}
local cause = redis.call('LPOP', P .. 'causes')
while cause do
  local agent, names, version, line = pair_for(cause)
  if agent then
    local call, offer = claim(agent, names, version, line)
    made[#made + 1] = call .. ' ' .. agent .. ' ' .. offer
    if cause ~= 'agent:' .. agent and cause ~= 'call:' .. call then redis.call('LPUSH', P .. 'causes', cause) end
    if #made >= most then break end
  end
  cause = redis.call('LPOP', P .. 'causes')
end
return made
