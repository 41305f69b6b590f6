-- What wrk asks: the lines of a file, one at random each time, and what it found.
-- wrk ... -s load.lua ADDRESS -- FILE ENCODING; a line is a path, or a path, a tab and a tag.

local lines = {}

function init(args)
   math.randomseed(tonumber(tostring({}):match("0x(%x+)"), 16) % 2147483647)
   for line in io.lines(args[1]) do
      local path, tag = line:match("^([^\t]+)\t(.+)$")
      local headers = {}
      headers["Host"] = wrk.headers["Host"]
      headers["Accept-Encoding"] = args[2]
      if tag then headers["If-None-Match"] = tag end
      lines[#lines + 1] = wrk.format("GET", path or line, headers)
   end
end

function request()
   return lines[math.random(#lines)]
end

function done(summary, latency, requests)
   local errors = summary.errors
   io.write(string.format(
      "RESULT %d %d %d %d %d %d\n",
      summary.requests, summary.duration, summary.bytes,
      errors.connect + errors.read + errors.write + errors.status + errors.timeout,
      latency:percentile(50), latency:percentile(99)))
end
