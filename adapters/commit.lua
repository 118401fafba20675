-- One atomic change of what is true now: records, places in line, due times, events, orders and wake-up, or "stale".
-- The client repeats a command that timed out, so a change that has already been applied knows itself by its id.

-- A name in `stands` may say by how many milliseconds the calls of that line are held back for this agent: `60000#line`.
local function list_of(token)
  return string.match(token, '#(.+)$') or token
end

-- Take a record out of every line or idle list where it `stood`, then let it stand at `places` = {list, score, ...}.
-- The lists it stands in are kept in the record itself: what a policy said before may not be what it says now.
local function stand(record, kind, id, stood, places, stands)
  if stood == '' and stands == '' then return end
  local side = kind == 'call' and 'line:' or 'idle:'
  local touched = {}
  for token in string.gmatch(stood, '%S+') do
    local list = list_of(token)
    redis.call('ZREM', P .. side .. list, id)
    touched[list] = true
  end
  for i = 1, #places, 2 do
    redis.call('ZADD', P .. side .. places[i], places[i + 1], id)
    touched[places[i]] = true
  end
  redis.call('HSET', record, 'stands', stands)
  if kind == 'call' then
    for list in pairs(touched) do refresh_head(list) end
  end
end

local function set_due(member, at_ms)
  if tonumber(at_ms) < 0 then
    redis.call('ZREM', P .. 'due', member)
  else
    redis.call('ZADD', P .. 'due', at_ms, member)
  end
end

local function order(id, body, at_ms)
  redis.call('ZADD', P .. 'orders', at_ms, id)
  redis.call('HSET', P .. 'order_bodies', id, body)
  redis.call('HDEL', P .. 'order_tries', id)
end

-- Wake-ups merge: only the first since the last round asks for anything, and the round clears the mark before it looks.
-- A dispatch job that stands by is told at once; when none does, the caller has to ask for a job.
local function wake(now_ms)
  if not redis.call('SET', P .. 'wake', now_ms, 'NX') then return 0 end
  if tonumber(redis.call('GET', P .. 'standing_by') or 0) <= now_ms then return 1 end
  redis.call('RPUSH', P .. 'wakeups', now_ms)
  return 0
end

local function event(fields)
  redis.call('XADD', P .. 'events', '*', unpack(fields))
end

local function seen(change)
  return redis.call('ZSCORE', P .. 'seen', change.id)
end

-- The version of a record and the lists it stands in, or nil when it is not as expected: in that version or, where it was
-- not loaded, with those texts in those fields.
local function found(key, expected)
  if type(expected) == 'number' then
    local row = redis.call('HMGET', P .. key, 'version', 'stands')
    local version = tonumber(row[1]) or 0
    return version == expected and version or nil, row[2] or ''
  end
  local row = redis.call('HMGET', P .. key, 'version', 'stands', unpack(expected.names))
  for i, text in ipairs(expected.texts) do
    if row[i + 2] ~= text then return nil end
  end
  return tonumber(row[1]), row[2] or ''
end

-- Each redis.call costs as much as the reading of a whole change, and every key press comes here: nothing is asked that
-- is known already. An applied change has moved every record it wrote, so it is looked up only when one has moved, or
-- when it writes none. And where a record is, the one that saved it has named the life and the call.
local function commit(change)
  local versions, stood, began = {}, {}, true
  for key, expected in pairs(change.expect) do
    versions[key], stood[key] = found(key, expected)
    if not versions[key] then return { seen(change) and 'seen' or 'stale', 0 } end
    began = began and versions[key] == 0
  end
  if #change.writes == 0 and seen(change) then return { 'seen', 0 } end
  if change.lists and (redis.call('GET', P .. 'lists_version') or '') ~= change.lists then
    return { 'lists', 0 }
  end
  if began then redis.call('SET', P .. 'life', change.now_ms, 'NX') end
  redis.call('ZADD', P .. 'seen', change.now_ms, change.id)
  local keys = {}
  for _, write in ipairs(change.writes) do
    local version = string.format('%d', versions[write.key] + 1)
    redis.call('HSET', P .. write.key, 'version', version, unpack(write.fields))
    if write.places then stand(P .. write.key, write.kind, write.id, stood[write.key], write.places, write.stands) end
    if write.over then
      redis.call('SREM', P .. 'calls', write.id)
    elseif write.kind == 'call' and versions[write.key] == 0 then
      redis.call('SADD', P .. 'calls', write.id)
    end
    if write.kind == 'agent' then
      redis.call(write.on_duty and 'SADD' or 'SREM', P .. 'duty', write.id)
    end
    if write.leg then redis.call('HSET', P .. 'legs', write.leg, write.id) end
    if write.told then keys[#keys + 1] = write.key end
  end
  for _, due in ipairs(change.dues) do set_due(due[1], due[2]) end
  for _, fields in ipairs(change.events) do event(fields) end
  for _, row in ipairs(change.orders) do order(row[1], row[2], change.now_ms) end
  for _, cause in ipairs(change.causes) do redis.call('RPUSH', P .. 'causes', cause) end
  if #keys > 0 then redis.call('PUBLISH', P .. 'changes', cjson.encode(keys)) end
  local woken = 0
  if #change.causes + #change.orders > 0 then woken = wake(change.now_ms) end
  return { 'done', woken }
end
