-- Requests of a file, one after the other: a path in each line or, after a tab, also a tag for
-- If-None-Match. Arguments: the file, and where in it to begin (a part of it).
local number = 0

function setup(thread)
   thread:set("number", number)
   number = number + 1
end

function init(args)
   lines, requests = {}, {}
   for line in io.lines(args[1]) do
      lines[#lines + 1] = line
   end
   at = math.floor(#lines * (tonumber(args[2]) + number / 2))
end

-- A request is made when it is first sent. One thread is running already while the other begins,
-- and its answers count, but not their time: so a beginning has to be short.
function request()
   at = at % #lines + 1
   local made = requests[at]
   if not made then
      local path, tag = lines[at]:match("([^\t]+)\t?(.*)")
      made = wrk.format("GET", path, { ["If-None-Match"] = tag ~= "" and tag or nil })
      requests[at] = made
   end
   return made
end

function done(summary, latency)
   local errors = summary.errors
   local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
   print(string.format("driven %d %d %d %d %d", summary.requests, summary.duration,
      failed, latency:percentile(50), latency:percentile(99)))
end
