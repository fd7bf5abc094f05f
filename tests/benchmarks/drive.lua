-- Requests of a file, one after the other: a path in each line or, after a tab, also a tag for
-- If-None-Match. Arguments: the file, and where in it to begin (a part of it).
local number = 0

function setup(thread)
   thread:set("number", number)
   number = number + 1
end

function init(args)
   local headers = {}
   requests = {}
   for line in io.lines(args[1]) do
      local path, tag = line:match("([^\t]+)\t?(.*)")
      headers["If-None-Match"] = tag ~= "" and tag or nil
      requests[#requests + 1] = wrk.format("GET", path, headers)
   end
   at = math.floor(#requests * (tonumber(args[2]) + number / 2))
end

function request()
   at = at % #requests + 1
   return requests[at]
end

function done(summary, latency)
   local errors = summary.errors
   local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
   print(string.format("driven %d %d %d %d %d", summary.requests, summary.duration,
      failed, latency:percentile(50), latency:percentile(99)))
end
