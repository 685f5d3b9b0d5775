internal import GreenRedis

extension JobQueue {
  /// How many jobs there are now.
  public func statistics() throws -> JobStatistics {
    let answers = try redis.pipeline { pipeline in
      pipeline.add("XLEN", keys.ready)
      pipeline.add("XPENDING", keys.ready, JobKeys.group)
      pipeline.add("ZCARD", keys.later)
      pipeline.add("ZCARD", keys.dead)
    }
    // Before the first worker there is no group, which is an error here.
    let running = answers[1].array?.first?.integer ?? 0
    return JobStatistics(
      ready: (answers[0].integer ?? 0) - running, running: running, later: answers[2].integer ?? 0,
      dead: answers[3].integer ?? 0)
  }

  /// The dead letters, the latest first.
  public func deadJobs(limit: Int = 100) throws -> [DeadJob] {
    let letters = try redis.command("ZREVRANGE", keys.dead, 0, max(0, limit - 1), "WITHSCORES").pairs ?? []
    let jobs = try redis.pipeline { pipeline in for (id, _) in letters { pipeline.add("HGETALL", keys.job + id) } }
    return zip(letters, jobs).map { letter, job in
      let fields = Dictionary(job.pairs ?? []) { $1 }
      return DeadJob(
        id: letter.0, kind: fields["kind"]?.string ?? "", payload: fields["payload"]?.string ?? "",
        attempts: fields["attempts"]?.integer ?? 0, error: fields["error"]?.string ?? "",
        time: Int(letter.1.double ?? 0))
    }
  }

  /// Has a dead letter tried again, from its first attempt on; `false` where there is none of this identity.
  @discardableResult
  public func revive(_ id: String) throws -> Bool {
    try JobScripts.revive.run(on: redis, keys: [keys.ready, keys.job + id, keys.dead], id).integer == 1
  }

  /// Forgets a dead letter; `false` where there is none of this identity.
  @discardableResult
  public func remove(_ id: String) throws -> Bool {
    let answers = try redis.transaction { transaction in
      transaction.add("ZREM", keys.dead, id)
    }
    guard answers.first?.integer == 1 else { return false }
    try redis.delete(keys.job + id)
    return true
  }
}
