import DataServers
import Foundation
import Green
import GreenHTTP
import GreenRedis
import HTTPTypes
import SuiteSupport
import TestSupport
import Testing

@testable import GreenJobs

private struct Told: Error, CustomStringConvertible { let description: String }
private struct Broken: Error, CustomStringConvertible { let description = "it is broken" }
private let numbers = JobKind<Int>("numbers", attempts: 3, timeout: .seconds(120), backOff: .milliseconds(10))

@Suite(.bounded) struct JobTests {
  private func withQueue(_ body: @escaping (JobQueue, Redis) throws -> Void) throws {
    var patient = RedisConfiguration()
    (patient.connectTimeout, patient.timeout) = (.seconds(60), .seconds(60))
    let redis = try Redis(
      RedisServer.shared.get().address, connections: 20, wait: .seconds(120), configuration: patient)
    try onHub {
      defer { redis.close() }
      // No worker counts as dead that a busy machine stops: its jobs would be done twice.
      var configuration = JobConfiguration()
      configuration.interval = .milliseconds(20)
      configuration.silence = .seconds(600)
      try body(JobQueue(redis, name: "test\(UInt64.random(in: 0 ... .max))", configuration: configuration), redis)
    }
  }

  /// Waits until it is so.
  private func wait(_ condition: () throws -> Bool) throws {
    try withTimeout(.seconds(120)) { while try !condition() { try Fiber.sleep(for: .milliseconds(10)) } }
  }

  @Test func jobsAreDoneOnceInTheirOrder() throws {
    try withQueue { queue, _ in
      let done = Green.Mutex<[Int]>([])
      queue.handle(numbers) { number, _ in done.withLock { $0.append(number) } }
      for number in 0..<50 { try queue.add(numbers, number) }
      var statistics = try queue.statistics()
      #expect(statistics == JobStatistics(ready: 50, running: 0, later: 0, dead: 0))
      let worker = queue.work(1)
      try wait { done.withLock { $0.count } == 50 }
      #expect(done.withLock { $0 } == Array(0..<50))
      worker.stop()
      statistics = try queue.statistics()
      #expect(statistics == JobStatistics(ready: 0, running: 0, later: 0, dead: 0))
    }
  }

  @Test func soManyRunAtOnceAndNoMore() throws {
    try withQueue { queue, _ in
      let counts = Green.Mutex((now: 0, most: 0, done: 0))
      let full = Event()
      queue.handle(numbers) { _, _ in
        let now = counts.withLock { counts in
          counts = (counts.now + 1, max(counts.most, counts.now + 1), counts.done)
          return counts.now
        }
        // None of the first has ended before all are there.
        if now == 5 { full.set() }
        try full.wait(until: .after(.seconds(60)))
        try Fiber.sleep(for: .milliseconds(20))
        counts.withLock { $0 = ($0.now - 1, $0.most, $0.done + 1) }
      }
      for number in 0..<30 { try queue.add(numbers, number) }
      let worker = queue.work(5)
      try wait { counts.withLock { $0.done } == 30 }
      #expect(counts.withLock { $0.most } == 5)
      worker.stop()
    }
  }

  @Test func asyncHandlersAreTheSame() throws {
    try withQueue { queue, _ in
      let done = Green.Mutex(0)
      queue.handle(numbers) { (number: Int, _: Job) async throws in
        try await Task.sleep(for: .milliseconds(1))
        done.withLock { $0 += number }
      }
      try queue.add(numbers, 7)
      let worker = queue.work(2)
      try wait { done.withLock { $0 } == 7 }
      worker.stop()
    }
  }

  @Test func oneThatFailsIsTriedAgainAndIsADeadLetterInTheEnd() throws {
    try withQueue { queue, _ in
      let attempts = Green.Mutex<[Int: [Int]]>([:])
      queue.handle(numbers) { number, job in
        attempts.withLock { $0[number, default: []].append(job.attempt) }
        if number == 1 || number == 2 && job.attempt < 3 { throw Broken() }
      }
      let id = try queue.add(numbers, 1)
      try queue.add(numbers, 2)
      let worker = queue.work(2)
      try wait { try queue.statistics() == JobStatistics(ready: 0, running: 0, later: 0, dead: 1) }
      #expect(attempts.withLock { $0 } == [1: [1, 2, 3], 2: [1, 2, 3]])
      let dead = try queue.deadJobs()
      #expect(dead.count == 1 && dead[0].id == id && dead[0].kind == "numbers" && dead[0].payload == "1")
      #expect(dead[0].error == "it is broken" && dead[0].attempts == 3 && dead[0].time > 1_700_000_000_000)
      // Tried from the beginning.
      let isRevived = try queue.revive(id)
      #expect(isRevived)
      try wait { attempts.withLock { $0[1]?.count } == 6 }
      try wait { try queue.statistics().dead == 1 }
      var isRemoved = try queue.remove(id)
      #expect(isRemoved)
      isRemoved = try queue.remove(id)
      #expect(!isRemoved)
      worker.stop()
    }
  }

  @Test func thePageShowsWhatAJobWasGivenAndNothingOfItIsMarkup() throws {
    try withQueue { queue, _ in
      let texts = JobKind<String>("texts", attempts: 1, timeout: .seconds(120), backOff: .milliseconds(10))
      queue.handle(texts) { text, _ in throw Told(description: text) }
      // A mark joins the character before or after it, so that it is no `<` to Swift; to a browser it is one.
      for text in ["<b>", "<\u{301}b>", "\u{600}<img src=x onerror=alert(1)>", "a & \"b\""] {
        try queue.add(texts, text)
      }
      let worker = queue.work(1)
      try wait { try queue.statistics().dead == 4 }
      worker.stop()
      let response = JobPage(queue).respond(to: try Request(.get, "/"))
      let page = response.body.withBytes { String(decoding: $0, as: UTF8.self) } ?? ""
      #expect(response.headers[.contentSecurityPolicy]?.contains("default-src 'none'") == true)
      #expect(page.contains("onerror=alert(1)") && page.contains("&lt;b&gt;"))
      let rows = page.utf8.split(separator: UInt8(ascii: "\n")).filter { $0.starts(with: "<tr><td>".utf8) }.dropFirst()
      #expect(rows.count == 4)
      for row in rows { #expect(row.count { $0 == UInt8(ascii: "<") } == 6) }
    }
  }

  @Test func oneThatTakesTooLongOrCannotBeReadFails() throws {
    try withQueue { queue, redis in
      let slow = JobKind<Int>("slow", attempts: 1, timeout: .milliseconds(50))
      queue.handle(slow) { _, _ in try Fiber.sleep(for: .seconds(60)) }
      queue.handle(numbers) { _, _ in }
      try queue.add(slow, 1)
      try queue.add(JobKind<String>("numbers"), "not a number")
      try queue.add(JobKind<String>("unknown"), "x")
      let worker = queue.work(3)
      try wait { try queue.statistics() == JobStatistics(ready: 0, running: 0, later: 0, dead: 3) }
      let errors = try queue.deadJobs().map(\.error).joined(separator: "|")
      #expect(errors.contains("deadline") && errors.contains("no handler for jobs of kind 'unknown'"))
      worker.stop()
    }
  }

  @Test func aPayloadThatIsTooDeepIsADeadLetterAndAnotherIsDone() throws {
    try withQueue { queue, redis in
      let nests = JobKind<Nest>("nests", attempts: 3, timeout: .seconds(120), backOff: .milliseconds(10))
      let done = Green.Mutex<[Int]>([])
      queue.handle(nests) { nest, _ in done.withLock { $0.append(nest.depth) } }
      try queue.add(nests, Nest(depth: 300))
      let deep = try queue.add(nests, Nest(depth: 1))
      // What another program may write there: the job's key is the one that ends so.
      let keys = try redis.command("KEYS", "*:job:\(deep)").array ?? []
      let key = try #require(keys.first?.string)
      try redis.command(
        "HSET", key, "payload", String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000))
      #expect(throws: EncodingError.self) { try queue.add(nests, Nest(depth: 512)) }
      let worker = queue.work(2)
      try wait { try queue.statistics() == JobStatistics(ready: 0, running: 0, later: 0, dead: 1) }
      #expect(done.withLock { $0 } == [300])
      let dead = try queue.deadJobs()
      #expect(dead.first?.id == deep && dead.first?.attempts == 1)
      #expect(dead.first?.error.contains("nested more than 512 deep") == true)
      worker.stop()
    }
  }

  @Test func jobsWaitForTheirTime() throws {
    try withQueue { queue, _ in
      let done = Green.Mutex<[(number: Int, time: Deadline)]>([])
      queue.handle(numbers) { number, _ in done.withLock { $0.append((number: number, time: .now)) } }
      let start = Deadline.now
      try queue.add(numbers, 2, after: .milliseconds(600))
      try queue.add(numbers, 1, after: .milliseconds(100))
      let wasHeldUp = start.advanced(by: .milliseconds(400)).hasPassed
      try queue.add(numbers, 3, after: .seconds(3600))
      let worker = queue.work(1)
      try queue.add(numbers, 0)
      try wait { done.withLock { $0.count } == 3 }
      let all = done.withLock { $0 }
      #expect(all.map(\.number).sorted() == [0, 1, 2])
      // Redis counts milliseconds. The time of the first may have come before the other was added.
      for (number, milliseconds) in [(1, 90), (2, 590)] {
        let time = try #require(all.first { $0.number == number }).time
        #expect(time >= start.advanced(by: .milliseconds(milliseconds)), "\(number)")
      }
      #expect(wasHeldUp || all.map(\.number).filter { $0 > 0 } == [1, 2])
      let later = try queue.statistics().later
      #expect(later == 1)
      worker.stop()
    }
  }

  @Test func regularJobsAreAddedOnceForAllWorkers() throws {
    try withQueue { queue, redis in
      let done = Green.Mutex<[String]>([])
      let kind = JobKind<[String: Int]>("tick")
      queue.handle(kind) { _, job in done.withLock { $0.append(job.id) } }
      try queue.every(.seconds(1), kind, ["a": 1])
      let workers = (0..<3).map { _ in queue.work(2) }
      try wait { done.withLock { $0.count } >= 3 }
      let ids = done.withLock { $0 }
      #expect(Set(ids).count == ids.count)
      for worker in workers { worker.stop() }
    }
  }

  @Test func aWorkerThatEndsWaitsAndGivesBackTheRest() throws {
    try withQueue { queue, _ in
      let ended = Green.Mutex<[Int]>([])
      let may = Event()
      queue.handle(numbers) { number, _ in
        try number == 1 ? may.wait() : Fiber.sleep(for: .seconds(600))
        ended.withLock { $0.append(number) }
      }
      try queue.add(numbers, 1)
      try queue.add(JobKind<Int>("numbers"), 2)
      let worker = queue.work(2)
      try wait { worker.runningCount == 2 }
      let letting = Fiber.spawn {
        while !worker.isStopping { try Fiber.sleep(for: .milliseconds(5)) }
        may.set()
      }
      worker.stop(until: .after(.seconds(4)))
      try letting.value
      #expect(ended.withLock { $0 } == [1])
      // Half a second is for that; where it was too short, Redis hears of it a little later.
      try wait { try queue.statistics() == JobStatistics(ready: 1, running: 0, later: 0, dead: 0) }
    }
  }

  @Test func aLoopGoesOnOverAnyErrorUntilTheWorkerEnds() throws {
    try withQueue { queue, _ in
      let worker = queue.work(1)
      var rounds = 0
      var hasEnded = false
      try worker.spawnLoop("odd") {
        rounds += 1
        // Of its own cancellation it would end.
        if rounds == 1 { throw CancellationError() }
        if rounds < 4 { throw Broken() }
        defer { hasEnded = true }
        try Fiber.sleep(for: .seconds(3600))
      }
      try self.wait { rounds == 4 }
      worker.stop()
      try self.wait { hasEnded }
      #expect(rounds == 4)
    }
  }

  @Test func whatOutlivesTheStopGoesOnOverErrorsWhileJobsRun() throws {
    try withQueue { queue, _ in
      let (begun, gate) = (Event(), Event())
      let long = JobKind<Int>("long", attempts: 1, timeout: .seconds(1000))
      queue.handle(long) { _, _ in
        begun.set()
        try gate.wait()
      }
      let worker = queue.work(1)
      var rounds = 0
      try worker.spawnLoop("odd", outlivesStop: true) {
        if worker.isStopping { rounds += 1 }
        if rounds == 2 { gate.set() }
        throw Broken()
      }
      try queue.add(long, 1)
      try begun.wait(until: .after(.seconds(120)))
      worker.stop(until: .after(.seconds(60)))
      #expect(rounds >= 2)
      let statistics = try queue.statistics()
      #expect(statistics == JobStatistics(ready: 0, running: 0, later: 0, dead: 0))
    }
  }

  @Test func aWorkerThatWasBegunUnderADeadlineGoesOnAfterIt() throws {
    try withQueue { queue, _ in
      let done = Green.Mutex<[Int]>([])
      queue.handle(numbers) { number, _ in done.withLock { $0.append(number) } }
      let worker = try withTimeout(.milliseconds(200)) { queue.work(1) }
      let deadline = Deadline.after(.milliseconds(200))
      while !deadline.hasPassed { try Fiber.sleep(for: .milliseconds(10)) }
      try queue.add(numbers, 1)
      try self.wait { done.withLock { $0 } == [1] }
      worker.stop()
    }
  }

  @Test func aJobWhoseFiberCannotBeMadeLeavesItsPlaceToTheNext() throws {
    try withQueue { queue, _ in
      let done = Green.Mutex<[Int]>([])
      queue.handle(numbers) { number, _ in done.withLock { $0.append(number) } }
      let worker = queue.work(1)
      for _ in 0..<3 {
        // There is no hub on that thread.
        _ = try onThread { #expect(throws: HubError.self) { try worker.begin("0-1", "x") } }
      }
      #expect(worker.runningCount == 0)
      for number in 0..<3 { try queue.add(numbers, number) }
      try self.wait { done.withLock { $0.count } == 3 }
      worker.stop()
    }
  }

  @Test func withoutAHubAWorkerDoesNothingAndEndsAtOnce() throws {
    let redis = try Redis(RedisServer.shared.get().address)
    defer { redis.close() }
    let queue = JobQueue(redis, name: "test\(UInt64.random(in: 0 ... .max))")
    queue.handle(numbers) { _, _ in }
    try queue.add(numbers, 1)
    try onThread {
      let worker = queue.work(1)
      #expect(worker.isStopping)
      worker.stop()
    }
    #expect(try queue.statistics().ready == 1)
  }

  @Test func anAsyncHandlerWhoseSequenceIsCutOffHasNotDoneItsJob() throws {
    try withQueue { queue, _ in
      let begun = Event()
      let (numbersToCome, continuation) = AsyncStream.makeStream(of: Int.self)
      let short = JobKind<Int>("short", attempts: 1, timeout: .milliseconds(50))
      queue.handle(short) { (_: Int, _: Job) async throws in
        for await _ in numbersToCome {}
        try Task.checkCancellation()
      }
      let worker = queue.work(1)
      try queue.add(short, 1)
      try wait { try queue.statistics() == JobStatistics(ready: 0, running: 0, later: 0, dead: 1) }
      let long = JobKind<Int>("long", attempts: 1, timeout: .seconds(1000))
      queue.handle(long) { (_: Int, _: Job) async throws in
        let (others, another) = AsyncStream.makeStream(of: Int.self)
        begun.set()
        for await _ in others {}
        another.finish()
        try Task.checkCancellation()
      }
      try queue.add(long, 2)
      try begun.wait(until: .after(.seconds(120)))
      worker.stop(until: .after(.seconds(2)))
      try wait { try queue.statistics() == JobStatistics(ready: 1, running: 0, later: 0, dead: 1) }
      continuation.finish()
    }
  }

  @Test func anAsyncHandlerThatReturnsInSpiteOfItsTimeHasDoneItsJob() throws {
    try withQueue { queue, _ in
      let done = Green.Mutex(0)
      let short = JobKind<Int>("short", attempts: 3, timeout: .milliseconds(50), backOff: .milliseconds(10))
      queue.handle(short) { (_: Int, _: Job) async throws in
        try? await Task.sleep(for: .seconds(1000))
        done.withLock { $0 += 1 }
      }
      let worker = queue.work(1)
      try queue.add(short, 1)
      try wait { done.withLock { $0 } == 1 }
      try wait { try queue.statistics() == JobStatistics(ready: 0, running: 0, later: 0, dead: 0) }
      worker.stop()
      #expect(done.withLock { $0 } == 1)
    }
  }

  @Test func itGoesOnWhenRedisWasAway() throws {
    let server = try RedisServer()
    let redis = try Redis(server.address, connections: 5)
    try onHub {
      let queue = JobQueue(redis)
      let done = Green.Mutex(0)
      queue.handle(numbers) { _, _ in done.withLock { $0 += 1 } }
      let worker = queue.work(2)
      try queue.add(numbers, 1)
      try wait { done.withLock { $0 } == 1 }
      try offload {
        server.stop()
        try server.start()
      }
      try wait { (try? queue.add(numbers, 2)) != nil }
      // Of a connection that was lost nobody knows whether it brought the job.
      try wait { done.withLock { $0 } >= 2 }
      worker.stop()
      redis.close()
    }
  }
}
