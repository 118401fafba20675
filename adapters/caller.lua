-- What is remembered of whoever calls, in one trip: { when they called last, until when they are promised a call, when
-- the first of their open cases is due }; '0' for what there is not.
--   caller

local P = 'tr:'
local caller = ARGV[1]

local called = redis.call('HGET', P .. 'last_calls', caller) or '0'

local promised = '0'
for _, call in ipairs(redis.call('SMEMBERS', P .. 'callbacks:' .. caller)) do
  local row = redis.call('HMGET', P .. 'call:' .. call, 'callback', 'status', 'joined', 'until_ms')
  local over = row[2] == 'ended' or row[2] == 'wrap_up' or row[3] == '1'
  local open = row[1] and row[1] ~= '' and not over
  if open and (promised == '0' or tonumber(row[4]) < tonumber(promised)) then promised = row[4] end
end

local due = '0'
for _, at_ms in ipairs(redis.call('HVALS', P .. 'owes:' .. caller)) do
  if due == '0' or tonumber(at_ms) < tonumber(due) then due = at_ms end
end

return { called, promised, due }
