-- The best pair, claimed: take the next cause, find the line it is about, tie that line's head to the best idle agent.
-- The records come ready-made from the lifecycle; this only fills in who. Its pure twin is queues/match.py.

local MOST_TURNS = 8

local function best_line(stands)
  local names, back = {}, {}
  for token in string.gmatch(stands, '%S+') do
    local ms, list = string.match(token, '^(%d+)#(.+)$')
    names[#names + 1] = list or token
    back[#names] = tonumber(ms) or 0
  end
  if #names == 0 then return nil end
  local scores = redis.call('ZMSCORE', P .. 'heads', unpack(names))
  local best, lowest
  for i, name in ipairs(names) do
    local score = tonumber(scores[i] or nil)
    if score then
      score = score + back[i]
      if not lowest or score < lowest or (score == lowest and name < best) then best, lowest = name, score end
    end
  end
  return best
end

local function best_agent(lists)
  local agent, lowest
  for list in string.gmatch(lists, '%S+') do
    local head = redis.call('ZRANGE', P .. 'idle:' .. list, 0, 0, 'WITHSCORES')
    local score = tonumber(head[2])
    if score and (not lowest or score < lowest or (score == lowest and head[1] < agent)) then
      agent, lowest = head[1], score
    end
  end
  return agent
end

-- A cause names a call or an agent; from there to the pair in which both are best for each other. Each turn of the loop
-- goes to an older call, so it ends; where agents' orders of queues make a circle, it is cut.
local function pair_for(cause)
  local kind, agent = string.match(cause, '^(%a+):(.+)$')
  if kind == 'call' then agent = best_agent(redis.call('HGET', P .. cause, 'stands') or '') end
  for turn = 1, MOST_TURNS do
    if not agent then return nil end
    local line = best_line(redis.call('HGET', P .. 'agent:' .. agent, 'stands') or '')
    if not line then return nil end
    local better = best_agent(line)
    if better == agent or turn == MOST_TURNS then
      return redis.call('ZRANGE', P .. 'line:' .. line, 0, 0)[1], agent, line
    end
    agent = better
  end
end

local function next_offer(now_ms)
  local offer = redis.call('INCR', P .. 'offers')
  if offer < now_ms then
    offer = now_ms
    redis.call('SET', P .. 'offers', offer)
  end
  return string.format('%d', offer)
end

local function filled(template, who)
  local row = {}
  for i, text in ipairs(template) do row[i] = who[text] or text end
  return row
end

-- The agent's side of a claim: their record, the offer, its due time, its event and the order to ring.
local function offer_to(agent, template, who)
  local offer, key = next_offer(template.now_ms), P .. 'agent:' .. agent
  who['$agent'], who['$offer'] = agent, offer
  redis.call('HSET', key, unpack(filled(template.agent, who)))
  redis.call('HINCRBY', key, 'version', 1)
  stand(key, 'agent', agent, {}, '')
  redis.call('HSET', P .. 'offer:' .. offer, unpack(filled(template.offer, who)))
  set_due('offer:' .. offer, template.due_ms)
  event(filled(template.event, who))
  order('ring:' .. offer, '{"do":"ring","offer":' .. offer .. '}', template.now_ms)
  return offer
end

local function claim(template, call, agent, line)
  local queue, key = string.match(line, '^[^|]*'), P .. 'call:' .. call
  local who = {
    ['$call'] = call, ['$needs'] = string.match(line, '^[^|]*|([^|]*)'), ['$rule'] = template.rules[queue],
    ['$idle'] = tostring(redis.call('ZCARD', P .. 'idle:' .. line)),
    ['$waiting'] = tostring(redis.call('ZCARD', P .. 'line:' .. line)),
  }
  local offer = offer_to(agent, template, who)
  redis.call('HSET', key, unpack(filled(template.call, who)))
  redis.call('HINCRBY', key, 'version', 1)
  stand(key, 'call', call, {}, '')
  local also = {}
  for _ = 2, template.several[queue] or 1 do
    local another = best_agent(line)
    if not another then break end
    also[#also + 1] = offer_to(another, template, who)
  end
  if #also > 0 then redis.call('HSET', key, 'also', table.concat(also, ' ')) end
  redis.call('PUBLISH', P .. 'changes', '["call:' .. call .. '","agent:' .. agent .. '"]')
  return { call, agent, offer }
end

local template = cjson.decode(ARGV[1])
local cause = redis.call('LINDEX', P .. 'causes', 0)
while cause do
  local call, agent, line = pair_for(cause)
  if call then return claim(template, call, agent, line) end
  redis.call('LPOP', P .. 'causes')
  cause = redis.call('LINDEX', P .. 'causes', 0)
end
return false
