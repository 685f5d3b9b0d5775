-- For wrk, whose own table ends with the 99th percentile.
done = function(summary, latency, requests)
  io.write(string.format("99.9th percentile: %d us\n", latency:percentile(99.9)))
end
