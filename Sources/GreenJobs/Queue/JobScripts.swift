internal import GreenRedis

/// What must be done as one. Times are Redis's own, in milliseconds: the clocks of workers may differ.
enum JobScripts {
  private static let now = "local t = redis.call('TIME'); local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"

  /// KEYS: ready, later, the job. ARGV: id, kind, payload, delay.
  static let add = RedisScript(
    now + """
      redis.call('HSET', KEYS[3], 'kind', ARGV[2], 'payload', ARGV[3], 'attempts', 0, 'added', string.format('%.0f', now))
      if tonumber(ARGV[4]) > 0 then
        redis.call('ZADD', KEYS[2], string.format('%.0f', now + ARGV[4]), ARGV[1])
      else
        redis.call('XADD', KEYS[1], '*', 'id', ARGV[1])
      end
      """)

  /// Makes jobs ready whose time has come. KEYS: ready, later. ARGV: how many at most.
  static let promote = RedisScript(
    now + """
      local due = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', now), 'LIMIT', 0, ARGV[1])
      for _, id in ipairs(due) do
        redis.call('ZREM', KEYS[2], id)
        redis.call('XADD', KEYS[1], '*', 'id', id)
      end
      return #due
      """)

  /// Adds a regular job where it is due. KEYS: ready, periodic. ARGV: name, kind, payload, interval, offset, start of
  /// keys of jobs.
  static let addPeriodic = RedisScript(
    now + """
      local interval, offset = tonumber(ARGV[4]), tonumber(ARGV[5])
      local next = math.floor((now - offset) / interval) * interval + offset + interval
      local due = redis.call('ZSCORE', KEYS[2], ARGV[1])
      -- One whose interval has been made shorter is not waited for longer than that.
      if due and tonumber(due) <= now then
        local id = ARGV[1] .. ':' .. string.format('%.0f', tonumber(due))
        redis.call(
          'HSET', ARGV[6] .. id, 'kind', ARGV[2], 'payload', ARGV[3], 'attempts', 0, 'added', string.format('%.0f', now))
        redis.call('XADD', KEYS[1], '*', 'id', id)
      elseif due and tonumber(due) <= next then
        return 0
      end
      redis.call('ZADD', KEYS[2], string.format('%.0f', next), ARGV[1])
      return 1
      """)

  /// Begins an attempt. KEYS: the job. Returns kind, payload and the attempt's number; nothing where there is no such
  /// job any more.
  static let begin = RedisScript(
    """
    if redis.call('EXISTS', KEYS[1]) == 0 then return {} end
    local attempt = redis.call('HINCRBY', KEYS[1], 'attempts', 1)
    return {redis.call('HGET', KEYS[1], 'kind'), redis.call('HGET', KEYS[1], 'payload'), attempt}
    """)

  // The last steps, each only where this worker still has the job: KEYS[1] is ready, ARGV[1] the entry, ARGV[2] the worker.
  private static let own = """
    local mine = redis.call('XPENDING', KEYS[1], 'workers', ARGV[1], ARGV[1], 1, ARGV[2])
    if #mine == 0 then return 0 end
    redis.call('XACK', KEYS[1], 'workers', ARGV[1])
    redis.call('XDEL', KEYS[1], ARGV[1])\n
    """

  /// It is done. KEYS: ready, the job.
  static let finish = RedisScript(own + "redis.call('DEL', KEYS[2]) return 1")

  /// It is tried again. KEYS: ready, the job, later. ARGV[3]: id, delay, error.
  static let retry = RedisScript(
    now + own + """
      redis.call('HSET', KEYS[2], 'error', ARGV[5])
      redis.call('ZADD', KEYS[3], string.format('%.0f', now + ARGV[4]), ARGV[3])
      return 1
      """)

  /// It is given back as it was. KEYS: ready, the job. ARGV[3]: id.
  static let giveBack = RedisScript(
    own + """
      redis.call('HINCRBY', KEYS[2], 'attempts', -1)
      redis.call('XADD', KEYS[1], '*', 'id', ARGV[3])
      return 1
      """)

  /// Another worker had it, and has died: it waits anew. KEYS: ready. ARGV[3]: id.
  static let requeue = RedisScript(own + "redis.call('XADD', KEYS[1], '*', 'id', ARGV[3]) return 1")

  /// A worker ends. It is forgotten unless something is noted as its: that would be lost. KEYS: ready. ARGV: the worker.
  static let leave = RedisScript(
    """
    if #redis.call('XPENDING', KEYS[1], 'workers', '-', '+', 1, ARGV[1]) == 0 then
      redis.call('XGROUP', 'DELCONSUMER', KEYS[1], 'workers', ARGV[1])
    end
    """)

  /// It is tried no more. KEYS: ready, the job, dead. ARGV[3]: id, error, how many are kept, start of keys of jobs.
  static let bury = RedisScript(
    now + own + """
      redis.call('HSET', KEYS[2], 'error', ARGV[4])
      redis.call('ZADD', KEYS[3], string.format('%.0f', now), ARGV[3])
      local old = redis.call('ZRANGE', KEYS[3], 0, -1 - ARGV[5])
      for _, id in ipairs(old) do
        redis.call('ZREM', KEYS[3], id)
        redis.call('DEL', ARGV[6] .. id)
      end
      return 1
      """)

  /// A dead letter is tried from the beginning. KEYS: ready, the job, dead. ARGV: id.
  static let revive = RedisScript(
    """
    if redis.call('ZREM', KEYS[3], ARGV[1]) == 0 then return 0 end
    redis.call('HSET', KEYS[2], 'attempts', 0)
    redis.call('XADD', KEYS[1], '*', 'id', ARGV[1])
    return 1
    """)
}
