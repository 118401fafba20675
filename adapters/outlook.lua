-- What an estimate needs to know of a call's place, in one trip and without looking at anybody who does not stand in front.
--   call, position_ms, queue, needs, lines, line, ..., agent, ...   -> the first line is the one it stands in now, the
--   agents are those who serve that line
-- { ahead, others, idle, head_enqueued_ms, on_duty, { pace } }; head_enqueued_ms is '0' when nobody else waits longer

local P = 'tr:'
local call, score, queue, needs, lines = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local AT_ONCE = 1000

local ahead, others, oldest, head = 0, 0, nil, nil
for i = 6, 5 + lines do
  local line = P .. 'line:' .. ARGV[i]
  ahead = ahead + redis.call('ZCOUNT', line, '-inf', '(' .. score)
  others = others + redis.call('ZCARD', line)
  local front = redis.call('ZRANGE', line, 0, 0, 'WITHSCORES')
  if front[1] and (not oldest or tonumber(front[2]) < oldest) then head, oldest = front[1], tonumber(front[2]) end
end
local enqueued_ms = head and head ~= call and redis.call('HGET', P .. 'call:' .. head, 'enqueued_ms')

local on_duty = 0
for first = 6 + lines, #ARGV, AT_ONCE do
  local found = redis.call('SMISMEMBER', P .. 'duty', unpack(ARGV, first, math.min(#ARGV, first + AT_ONCE - 1)))
  for i = 1, #found do on_duty = on_duty + found[i] end
end

return {
  ahead, math.max(0, others - 1), redis.call('ZCARD', P .. 'idle:' .. ARGV[6]), enqueued_ms or '0', on_duty,
  redis.call('HMGET', P .. 'pace:' .. queue, 'handle_ms', 'contacts', 'ring_ms', 'patience_ms', 'at_ms', 'line:' .. needs),
}
