internal import Green
internal import GreenRedis
internal import Logging

extension JobWorker {
  /// One attempt at a job, and what comes of it. Throws nothing: what Redis does not hear of, another worker finds out.
  func perform(_ entry: String, _ id: String) {
    do {
      let job = queue.keys.job + id
      let begun = try JobScripts.begin.run(on: queue.redis, keys: [job]).array ?? []
      guard begun.count == 3, let kind = begun[0].string, let payload = begun[1].bytes, let attempt = begun[2].integer
      else {
        try settle(JobScripts.finish, [job], entry)
        return
      }
      guard let handler = queue.handler(of: kind) else {
        let error = "no handler for jobs of kind '\(kind)'"
        logger.error("job \(id): \(error)")
        return try bury(entry, id, error)
      }
      try attempt > handler.attempts
        ? bury(entry, id, "a worker died in its last attempt")
        : run(handler, payload, entry, Job(id: id, attempt: attempt), kind)
    } catch {
      logger.warning("job \(id): \(error)")
    }
  }

  private func run(_ handler: JobHandler, _ payload: [UInt8], _ entry: String, _ job: Job, _ kind: String) throws {
    let outcome = Result { try withTimeout(handler.timeout) { try handler.body(payload, job) } }
    // What the job forked and left behind: it is its parent who says what has come of it.
    process.endIfChild()
    do {
      try outcome.get()
    } catch {
      // Its worker has to end.
      if Fiber.isCancelled {
        try settle(JobScripts.giveBack, [queue.keys.job + job.id], entry, job.id)
        return
      }
      return try failed(handler, error, entry, job, kind)
    }
    try settle(JobScripts.finish, [queue.keys.job + job.id], entry)
  }

  private func failed(_ handler: JobHandler, _ error: any Error, _ entry: String, _ job: Job, _ kind: String) throws {
    let text = String("\(error)".prefix(1000))
    // What cannot be read will never be.
    guard job.attempt < handler.attempts, !(error is DecodingError) else {
      logger.error("job \(job.id) of kind \(kind) has failed for good: \(text)")
      return try bury(entry, job.id, text)
    }
    let delay = handler.delay(after: job.attempt)
    logger.warning("job \(job.id) of kind \(kind) has failed and is tried again in \(delay): \(text)")
    try settle(
      JobScripts.retry, [queue.keys.job + job.id, queue.keys.later], entry, job.id, max(1, delay.wholeMilliseconds),
      text)
  }

  private func bury(_ entry: String, _ id: String, _ error: String) throws {
    try settle(
      JobScripts.bury, [queue.keys.job + id, queue.keys.dead], entry, id, error, queue.configuration.deadLetters,
      queue.keys.job)
  }

  /// A last step, which is made also in a fiber that has been cancelled; tried again while Redis is not there, for ten seconds.
  private func settle(_ script: RedisScript, _ keys: [String], _ entry: String, _ words: any RedisArgument...) throws {
    try withShield {
      try withTimeout(.seconds(10)) {
        while true {
          do {
            try script.run(on: queue.redis, keys: [queue.keys.ready] + keys, arguments: [entry, name] + words)
            return
          } catch let error where error is RedisConnectionError || error is PoolError {
            try Fiber.sleep(for: .milliseconds(200))
          }
        }
      }
    }
  }
}

extension JobHandler {
  /// How long until the next attempt: twice as long each time, up to an hour, and up to a quarter more, so that those
  /// which failed together do not come together again.
  func delay(after attempt: Int) -> Duration {
    let doubled = backOff * (1 << min(attempt - 1, 20))
    let delay = min(doubled, .seconds(3600))
    return delay + delay * Double.random(in: 0...0.25)
  }
}
