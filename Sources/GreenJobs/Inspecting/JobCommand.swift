/// What the word `jobs` of a program's command line does: shows what a queue holds, revives dead letters and removes them.
struct JobCommand {
  private let queue: JobQueue

  init(_ queue: JobQueue) { self.queue = queue }

  /// What is shown.
  ///
  /// - Throws: ``JobCommandError`` for words that it does not know; what Redis throws.
  func answer(to words: [String]) throws -> String {
    switch (words.first, words.count) {
    case (nil, _): return try summary()
    case ("revive", 2): return try changed(words[1], queue.revive(words[1]), "is tried again")
    case ("remove", 2): return try changed(words[1], queue.remove(words[1]), "is no more")
    default: throw JobCommandError.usage
    }
  }

  private func summary() throws -> String {
    let jobs = try queue.statistics()
    let head = "\(jobs.ready) ready, \(jobs.running) running, \(jobs.later) later, \(jobs.dead) dead\n"
    let letters = try queue.deadJobs(limit: 50).map { job in
      "\(job.id)  \(Self.line(job.kind)), \(job.attempts) attempts: \(Self.line(job.error))\n"
    }
    return head + letters.joined()
  }

  private func changed(_ id: String, _ isThere: Bool, _ what: String) throws -> String {
    guard isThere else { throw JobCommandError.unknown(id) }
    return "\(id) \(what)\n"
  }

  /// A text of a job's for a terminal: nothing in it moves the cursor.
  private static func line(_ text: String) -> String {
    String(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
  }
}

/// Why `jobs` does nothing.
enum JobCommandError: Error, CustomStringConvertible {
  case usage
  case unknown(String)

  var description: String {
    switch self {
    case .usage: "jobs shows what there is, jobs revive ID has a dead letter tried again, jobs remove ID forgets it"
    case .unknown(let id): "there is no dead letter \(id)"
    }
  }
}
