-- Reserves slots of one command for one client, evenly spaced on the server's clock. All times are microseconds.
-- KEYS[1] holds `latest`, the latest slot known to be given to anybody, and `from`, before which none is given.
-- ARGV: spacing; window; slots wanted; horizon (no slot later than so long from now); the latest slot this client was given; lead (no slot
-- sooner than so long from now, since the answer takes its time), listen (others may go on without the server for so long; 0: no).
-- Answers now, the time of the next slot, and the slots given. Numbers leave as text: Lua would round them.
-- No slot is ever given 30 seconds ahead, so one that lies further ahead than FAR was given by another clock.
local FAR, KEPT = 35 * 1000000, 24 * 3600
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local spacing, window, wanted, horizon, seen, lead, listen = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]),
  tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local latest, from = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+) (%d+)$')
latest, from = tonumber(latest), tonumber(from)
if not latest or latest > now + FAR or from > now + FAR then
  -- Never known, forgotten, or the clock went back: for one window the clients only tell what they were given.
  latest, from = now, now + window + listen
elseif listen > 0 and now >= from and latest < now - window then
  -- Somebody is back from a time without this server, and nobody was served lately: it was away for all of them.
  from = now + window + listen
end
if seen <= now + FAR then
  latest = math.max(latest, seen)
end
local next = math.max(now + lead, from, latest + spacing)
local answer = { string.format('%.0f', now), '' }
while now >= from and #answer < wanted + 2 and next <= now + horizon do
  answer[#answer + 1] = string.format('%.0f', next)
  latest, next = next, next + spacing
end
answer[2] = string.format('%.0f', next)
redis.call('SET', KEYS[1], string.format('%.0f %.0f', latest, from), 'EX', KEPT)
return answer
