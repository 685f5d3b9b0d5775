import Foundation
import Green
import GreenTesting
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

private struct Broken: Error, Equatable {}

@Suite(.bounded) struct TestHubTests {
  @Test func anHourOfSleepingTakesNoTimeAndKeepsItsOrder() throws {
    let began = Deadline.now
    let order = try TestHub.run {
      var order: [Int] = []
      let fibers = [60, 5, 30, 1, 59].map { minutes in
        Fiber.spawn {
          try Fiber.sleep(for: .seconds(minutes * 60))
          order.append(minutes)
        }
      }
      for fiber in fibers { try fiber.value }
      #expect(TestHub.elapsed == .seconds(3600))
      return order
    }
    #expect(order == [1, 5, 30, 59, 60])
    #expect(Deadline.now.nanoseconds - began.nanoseconds < 60_000_000_000)
  }

  @Test func timeStandsStillWhileFibersRun() throws {
    try TestHub.run {
      let before = Deadline.now
      for _ in 0..<1000 { Fiber.yield() }
      #expect(Deadline.now == before)
    }
  }

  @Test func everyKindOfDeadlineIsVirtual() throws {
    try TestHub.run {
      #expect(throws: Errno.timedOut) { try Event().wait(until: .after(.seconds(3600))) }
      #expect(throws: TimeoutError.self) { try withTimeout(.seconds(3600)) { try Semaphore(0).wait() } }
      let never = Fiber.spawn { try Event().wait() }
      #expect(throws: Errno.timedOut) { try never.join(until: .after(.seconds(3600))) }
      never.cancel()
      let (client, server) = try socketPair()
      var byte: UInt8 = 0
      #expect(throws: Errno.timedOut) {
        try withUnsafeMutableBytes(of: &byte) { try client.receive(into: $0, until: .after(.seconds(3600))) }
      }
      withExtendedLifetime(server) {}
      #expect(TestHub.elapsed == .seconds(4 * 3600))
    }
  }

  @Test func aTimerOfAWaitThatEndedEarlyDoesNotCarryTheTimeAlong() throws {
    try TestHub.run {
      let event = Event()
      let waiting = Fiber.spawn { try event.wait(until: .after(.seconds(3600))) }
      try Fiber.sleep(for: .seconds(1))
      event.set()
      try waiting.value
      try Fiber.sleep(for: .seconds(1))
      #expect(TestHub.elapsed == .seconds(2))
    }
  }

  @Test func fibersThatOnlyYieldToEachOtherDoNotStopTheTime() throws {
    try TestHub.run {
      var isOver = false
      let busy = (0..<3).map { _ in Fiber.spawn { while !isOver { Fiber.yield() } } }
      try Fiber.sleep(for: .seconds(10))
      isOver = true
      for fiber in busy { try fiber.value }
    }
  }

  // MARK: The schedule

  @Test func theSameSeedGivesTheSameSchedule() throws {
    for seed in [0, 1, 77, UInt64.max] {
      let first = try TestHub.run(seed: seed) { try trace() }
      let second = try TestHub.run(seed: seed) { try trace() }
      #expect(first == second)
      #expect(first.count == 20 * 6)
    }
  }

  @Test func anotherSeedGivesAnotherSchedule() throws {
    let schedules = try (0..<10).map { seed in try TestHub.run(seed: seed) { try trace() } }
    #expect(Set(schedules).count == 10)
  }

  @Test func everyOrderOfThreeFibersIsTried() throws {
    var orders: Set<String> = []
    try TestHub.explore(seeds: 200, from: 1) {
      var order = ""
      let fibers = ["a", "b", "c"].map { name in Fiber.spawn { order += name } }
      for fiber in fibers { try fiber.value }
      orders.insert(order)
    }
    #expect(orders.count == 6)
  }

  @Test func withoutAChoiceTheFirstComeIsTheFirstServed() throws {
    let order = try TestHub.run(order: .firstComeFirstServed) {
      var order: [Int] = []
      let fibers = (0..<100).map { index in Fiber.spawn { order.append(index) } }
      for fiber in fibers { try fiber.value }
      return order
    }
    #expect(order == Array(0..<100))
  }

  @Test func backgroundFibersStillComeLast() throws {
    try TestHub.explore(seeds: 20, from: 1) {
      var order = ""
      let late = Fiber.spawn(priority: .background) { order += "b" }
      let early = (0..<5).map { _ in Fiber.spawn { order += "n" } }
      for fiber in early { try fiber.value }
      try late.value
      if order != "nnnnnb" { throw Broken() }
    }
  }

  @Test func aMistakeThatTheUsualOrderHidesIsFoundAndReplayed() throws {
    // The permit is looked at in one call and taken in another, and somebody may come between.
    let body: () throws -> Void = {
      let permits = Semaphore(1)
      let fibers = (0..<2).map { _ in
        Fiber.spawn {
          guard permits.available > 0 else { return }
          try Event(isSet: true).wait()
          guard permits.waitIfAvailable() else { throw Broken() }
        }
      }
      for fiber in fibers { try fiber.value }
    }
    try TestHub.run(order: .firstComeFirstServed, body)
    let failure = try #require(throws: ExplorationFailure.self) { try TestHub.explore(seeds: 100, from: 1, body) }
    #expect(failure.error is Broken)
    #expect("\(failure)".contains("GREEN_TEST_SEED=\(failure.seed)"))
    #expect(throws: Broken()) { try TestHub.run(seed: failure.seed, body) }
  }

  @Test func randomNumbersAreThoseOfTheSeed() throws {
    let draw = { (0..<5).map { _ in Int.random(in: 0..<1000, using: &TestHub.random) } }
    let first = try TestHub.run(seed: 5, draw)
    #expect(try TestHub.run(seed: 5, draw) == first)
    #expect(try TestHub.run(seed: 6, draw) != first)
    #expect(TestHub.seed == nil && TestHub.elapsed == nil)
    #expect(try TestHub.run(seed: 6) { try Fiber.spawn { TestHub.seed }.value } == 6)
  }

  // MARK: The world outside

  @Test func descriptorsWorkAndTakeNoVirtualTime() throws {
    try TestHub.run {
      let (client, server) = try socketPair()
      let echo = Fiber.spawn {
        var buffer = [UInt8](repeating: 0, count: 1000)
        while case let count = try buffer.withUnsafeMutableBytes({ try server.receive(into: $0) }), count > 0 {
          try buffer[..<count].withUnsafeBytes { try server.send($0) }
        }
      }
      for round in 0..<100 {
        var answer: UInt8 = 0
        try withUnsafeBytes(of: UInt8(round)) { try client.send($0, until: .after(.seconds(1))) }
        _ = try withUnsafeMutableBytes(of: &answer) { try client.receive(into: $0, until: .after(.seconds(1))) }
        #expect(answer == UInt8(round))
      }
      client.close()
      try echo.value
      #expect(TestHub.elapsed == .zero)
    }
  }

  @Test func anotherThreadIsWaitedForWithPatience() throws {
    try TestHub.run(patience: .seconds(20)) {
      let (client, server) = try socketPair()
      let descriptor = server.descriptor
      Thread.detachNewThread {
        usleep(20_000)
        var byte: UInt8 = 7
        _ = write(descriptor, &byte, 1)
      }
      var byte: UInt8 = 0
      _ = try withUnsafeMutableBytes(of: &byte) { try client.receive(into: $0, until: .after(.seconds(3600))) }
      #expect(byte == 7)
      #expect(TestHub.elapsed == .zero)
      withExtendedLifetime(server) {}
    }
  }

  @Test func offloadedWorkTakesNoVirtualTime() throws {
    try TestHub.run {
      let sleeper = Fiber.spawn { try Fiber.sleep(for: .seconds(3600)) }
      let value = try offload(until: .after(.seconds(1))) {
        usleep(30_000)
        return 5
      }
      #expect(value == 5)
      #expect(TestHub.elapsed == .zero)
      try sleeper.value
    }
  }

  @Test func aLockOfAnotherThreadTakesNoVirtualTime() throws {
    let lock = Green.Mutex(())
    let isHeld = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      lock.withLock { _ in
        isHeld.signal()
        usleep(50_000)
      }
    }
    isHeld.wait()
    let elapsed = try TestHub.run {
      let sleeper = Fiber.spawn { try Fiber.sleep(for: .seconds(3600)) }
      lock.withLock { _ in }
      let elapsed = TestHub.elapsed
      try sleeper.value
      return elapsed
    }
    #expect(elapsed == .zero)
  }

  @Test func aLockThatIsWantedByATimeIsNotGivenUpBeforeIt() throws {
    let (endless, timed) = (Green.Mutex(()), Green.Mutex(()))
    let areHeld = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      endless.withLock { _ in
        timed.withLock { _ in
          areHeld.signal()
          usleep(50_000)
        }
      }
    }
    areHeld.wait()
    try TestHub.run {
      let waiting = Fiber.spawn { try timed.withLock(until: .after(.seconds(3600))) { _ in } }
      endless.withLock { _ in }
      try waiting.value
    }
  }

  @Test func aHandleInOtherHandsDoesNotStopTheTime() throws {
    try TestHub.run {
      let remote = Hub.current!.remote
      try Fiber.sleep(for: .seconds(3600))
      let called = Event()
      Thread.detachNewThread { remote.run { called.set() } }
      try called.wait()
    }
  }

  @Test func fibersThatWaitInVainAreReported() throws {
    let failure = try #require(throws: HubError.self) {
      try TestHub.run { try Fiber.spawn(name: "forgotten") { try Event().wait() }.value }
    }
    #expect("\(failure)".contains("\"forgotten\" parked"))
  }

  // MARK: -

  /// Which fiber went on when, of twenty that sleep, yield and wait for each other.
  private func trace() throws -> [Int] {
    var trace: [Int] = []
    let gate = Semaphore(3)
    let fibers = (0..<20).map { index in
      Fiber.spawn {
        for round in 0..<3 {
          trace.append(index)
          Fiber.yield()
          try gate.withPermit { try Fiber.sleep(for: .milliseconds(round * 10)) }
          trace.append(index)
        }
      }
    }
    for fiber in fibers { try fiber.value }
    return trace
  }

  private func socketPair() throws -> (Socket, Socket) {
    var ends: [CInt] = [0, 0]
    guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0 else { throw Errno(rawValue: errno) }
    for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    let address = SocketAddress(unixPath: "@pair")
    return (Socket(adopting: ends[0], peer: address), Socket(adopting: ends[1], peer: address))
  }

  @Test func timersThatSetThemselvesAgainDoNotKeepTheTimeWhereItIs() throws {
    try TestHub.run {
      var (calls, fibers) = (0, 0)
      func callAgain() {
        calls += 1
        Hub.current!.after(.zero) { callAgain() }
      }
      func spawnAgain() {
        fibers += 1
        Hub.current!.spawn(after: .zero) { spawnAgain() }
      }
      callAgain()
      spawnAgain()
      try Fiber.sleep(for: .milliseconds(10))
      #expect(calls > 10 && fibers > 10)
    }
  }

  @Test func patienceMayBeEndless() throws {
    try TestHub.run(patience: .seconds(Int64.max)) {
      let result = try ChildProcess.run(["/bin/true"], until: .after(.seconds(30)))
      #expect(result.status == .exited(0))
    }
  }
}
