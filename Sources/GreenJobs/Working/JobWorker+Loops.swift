internal import Green
internal import GreenRedis

extension JobWorker {
  /// Takes jobs as long as there are places for them.
  func fetch() throws {
    try makeGroup()
    while !isStopping {
      var places = try takePlaces()
      defer { giveBackPlaces(places) }
      if isStopping { return }
      let entries = try waitForEntries(places)
      if isStopping { return try requeue(entries) }
      for index in entries.indices {
        do {
          try begin(entries[index].entry, entries[index].id)
        } catch {
          try requeue(Array(entries[index...]))
          throw error
        }
        places -= 1
      }
    }
  }

  /// The group begins with what is there. It is there already, mostly.
  private func makeGroup() throws {
    do {
      try queue.redis.command("XGROUP", "CREATE", queue.keys.ready, JobKeys.group, 0, "MKSTREAM")
    } catch let error as RedisError where error.code == "BUSYGROUP" {}
  }

  private func waitForEntries(_ count: Int) throws -> [(entry: String, id: String)] {
    let seconds = 1
    let answer = try queue.redis.run(
      RedisCommand(
        "XREADGROUP", "GROUP", JobKeys.group, name, "COUNT", count, "BLOCK", 1000 * seconds, "STREAMS",
        queue.keys.ready, ">"),
      patience: .seconds(seconds))
    return answer.array?.first?.array?.last?.array?.compactMap(Self.entry) ?? []
  }

  /// `[entry, ["id", id]]`.
  private static func entry(_ value: RedisValue) -> (entry: String, id: String)? {
    guard let parts = value.array, parts.count == 2, let entry = parts[0].string, let id = parts[1].array?.last?.string
    else {
      return nil
    }
    return (entry, id)
  }

  /// Makes ready what is due, and takes over what dead workers had.
  func schedule() throws {
    while !isStopping {
      while try JobScripts.promote.run(on: queue.redis, keys: [queue.keys.ready, queue.keys.later], 100).integer == 100
      {}
      for job in queue.periodic {
        try JobScripts.addPeriodic.run(
          on: queue.redis, keys: [queue.keys.ready, queue.keys.periodic], job.name, job.kind, job.payload, job.interval,
          job.offset,
          queue.keys.job)
      }
      try takeOver()
      try Fiber.sleep(for: queue.configuration.interval)
    }
  }

  private func takeOver() throws {
    let answer: RedisValue
    do {
      answer = try queue.redis.command(
        "XAUTOCLAIM", queue.keys.ready, JobKeys.group, name, queue.configuration.silence.wholeMilliseconds, "0-0",
        "COUNT", 100)
    } catch let error as RedisError where error.code == "NOGROUP" {
      return
    }
    guard let parts = answer.array, parts.count >= 2 else { return }
    try requeue(parts[1].array?.compactMap(Self.entry) ?? [])
  }

  /// Puts entries that this worker has, and does not begin, at the end of the queue.
  private func requeue(_ entries: [(entry: String, id: String)]) throws {
    for (entry, id) in entries {
      try JobScripts.requeue.run(on: queue.redis, keys: [queue.keys.ready], entry, name, id)
    }
  }

  /// Says of the jobs that run that they do.
  func stayAlive() throws {
    // Also while the worker stops: jobs run on until they have ended.
    while true {
      try Fiber.sleep(for: queue.configuration.silence / 3)
      let entries = runningEntries
      if entries.isEmpty { continue }
      try queue.redis.run(
        RedisCommand(
          "XCLAIM", [queue.keys.ready, JobKeys.group, name, 0] + entries + ["JUSTID"] as [any RedisArgument]))
    }
  }
}
