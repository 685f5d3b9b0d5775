internal import Green
public import GreenWeb

extension App {
  /// Has the program do the queue's jobs in processes of their own, when it is started with `serve jobs`:
  ///
  ///     program serve jobs -w 2 -k green --bind 127.0.0.1:8001
  ///
  /// starts a master and two workers, each of which does `count` jobs at once. They open and close what the
  /// application's workers do, and answer what ``JobPage`` does. A worker that is asked to stop waits for its jobs
  /// within the graceful timeout; what has not ended by then goes back to the queue. The master carries out the
  /// application's hooks, migrations too.
  ///
  /// `program jobs` shows what the queue holds and its dead letters, `program jobs revive ID` has one of these tried again, and
  /// `program jobs remove ID` forgets it.
  ///
  /// - Parameters:
  ///   - queue: with all that does jobs. Its connections are opened in the workers.
  ///   - count: how many jobs a worker does at once.
  public func serveJobs(_ queue: JobQueue, _ count: Int = 10) {
    command("jobs", "Shows the jobs and dead letters; jobs revive ID, jobs remove ID") { words in
      print(try JobCommand(queue).answer(to: words), terminator: "")
    }
    let working = Guarded<JobWorker?>(nil)
    addPart(
      "jobs", answering: JobPage(queue),
      start: { [unowned self] in
        guard Hub.current != nil else { throw JobServingError.notGreen }
        let worker = try queue.startWork(count, logger: logger)
        working.withLock { $0 = worker }
      },
      stop: { deadline in working.withLock { $0 }?.stop(until: deadline) })
  }
}

/// Why jobs are not done.
enum JobServingError: Error, CustomStringConvertible {
  case notGreen

  var description: String { "jobs are done by workers of class green: serve jobs -k green" }
}
