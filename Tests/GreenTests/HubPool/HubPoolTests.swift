import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

private struct Broken: Error, Equatable {}

@Suite(.bounded) struct HubPoolTests {
  @Test func fibersRunOnAllHubsAndGiveTheirResultsAnywhere() throws {
    let pool = try HubPool(threads: 3)
    let fibers = (0..<300).map { number in
      pool.spawn(name: "square \(number)") {
        try Fiber.sleep(for: .milliseconds(1))
        return number * number
      }
    }
    // On a thread, and in a fiber of another hub.
    for (number, fiber) in fibers.enumerated() { try #expect(fiber.value == number * number) }
    try onHub { for (number, fiber) in fibers.enumerated() { try #expect(fiber.value == number * number) } }
    pool.stop()
    try pool.join(until: .after(.seconds(30)))
    #expect(pool.loads == [0, 0, 0])
  }

  @Test func eachHubHasAThreadOfItsOwnAndOneCanBeChosen() throws {
    let pool = try HubPool(threads: 3)
    let hub: @Sendable () -> ObjectIdentifier = { ObjectIdentifier(Hub.current!) }
    let hubs = try pool.spawnOnEach { _ in hub() }.map { try $0.value }
    #expect(Set(hubs).count == 3)
    for index in 0..<3 { try #expect(pool.spawn(on: index, hub).value == hubs[index]) }
    // Those that wait keep their places: the load is spread.
    let stop = Event()
    let waiting = (0..<30).map { _ in pool.spawn { try stop.wait() } }
    #expect(pool.loads == [10, 10, 10])
    stop.set()
    for fiber in waiting { try fiber.value }
  }

  @Test func anErrorIsThrownToWhoAsks() throws {
    let pool = try HubPool(threads: 1)
    let fiber = pool.spawn { throw Broken() }
    #expect(throws: Broken()) { try fiber.value }
    #expect(throws: Broken()) { try fiber.result?.get() }
    try fiber.join()
  }

  @Test func cancellationReachesAFiberOfAnotherHubAndNotTheOtherWay() throws {
    let pool = try HubPool(threads: 2)
    let fiber = pool.spawn { try Event().wait() }
    try onHub {
      let waiting = Fiber.spawn { try fiber.value }
      settle()
      waiting.cancel()
      #expect(throws: CancellationError.self) { try waiting.value }
    }
    #expect(!fiber.isFinished)
    fiber.cancel(cause: Broken())
    #expect(throws: CancellationError.self) { try fiber.value }
    fiber.cancel()
    let graceful = pool.spawn {
      while !Fiber.isEnding { try Fiber.sleep(for: .milliseconds(1)) }
      return 7
    }
    graceful.cancel(grace: .seconds(60))
    try #expect(graceful.value == 7)
    #expect(pool.loads == [0, 0])
  }

  @Test func theDeadlineOfWhoSpawnsIsInherited() throws {
    let pool = try HubPool(threads: 1)
    try onHub {
      let fiber = try withTimeout(.milliseconds(5)) { pool.spawn { try Event().wait() } }
      #expect(throws: TimeoutError.self) { try fiber.value }
    }
    let fiber = pool.spawn { try Event().wait() }
    #expect(throws: Errno.timedOut) { try fiber.value(until: .after(.milliseconds(2))) }
    fiber.cancel()
  }

  @Test func afterItsStopWhatRunsIsFinishedAndNothingBegins() throws {
    let pool = try HubPool(threads: 2)
    let go = Event()
    let fiber = pool.spawn {
      try go.wait()
      return 3
    }
    pool.stop()
    pool.stop()
    let late = pool.spawn { 1 }
    #expect(throws: HubError.self) { try late.value }
    #expect(throws: Errno.timedOut) { try pool.join(until: .after(.milliseconds(5))) }
    go.set()
    try #expect(fiber.value == 3)
    try pool.join(until: .after(.seconds(30)))
  }

  @Test func aPoolThatNobodyKeepsEnds() throws {
    let ended = Latch(2)
    final class Mark: Sendable {
      let latch: Latch
      init(_ latch: Latch) { self.latch = latch }
      deinit { latch.countDown() }
    }
    do {
      let pool = try HubPool(threads: 2)
      for fiber in pool.spawnOnEach({ _ in
        let mark = Mark(ended)
        Hub.current!.after(.seconds(3600)) { withExtendedLifetime(mark) {} }
      }) { try fiber.value }
    }
    // What their timers hold goes with the hubs.
    try ended.wait(until: .after(.seconds(30)))
  }

  @Test func channelsLeadFromHubToHub() throws {
    let pool = try HubPool(threads: 3)
    let (numbers, squares) = (Channel<Int>(capacity: 4), Channel<Int>(capacity: 4))
    let workers = pool.spawnOnEach { _ in for number in numbers { try squares.send(number * number) } }
    let sum = pool.spawn {
      var sum = 0
      for _ in 0..<1000 { sum += try squares.receive() ?? 0 }
      return sum
    }
    for number in 0..<1000 { try numbers.send(number) }
    numbers.close()
    for worker in workers { try worker.value }
    try #expect(sum.value == (0..<1000).reduce(0) { $0 + $1 * $1 })
  }

  @Test func aSelectionWaitsForAFiberOfAPool() throws {
    let pool = try HubPool(threads: 1)
    try onHub {
      let (slow, quick) = (pool.spawn { try Event().wait() }, pool.spawn { 5 })
      try #expect(select(.value(of: slow) { 0 }, .value(of: quick) { $0 }) == 5)
      slow.cancel()
    }
  }

  @Test func fibersOfAPoolSpawnOnIt() throws {
    let pool = try HubPool(threads: 2)
    @Sendable func count(_ depth: Int) throws -> Int {
      guard depth > 0 else { return 1 }
      let halves = (0..<2).map { _ in pool.spawn { try count(depth - 1) } }
      return try halves.reduce(0) { try $0 + $1.value }
    }
    try #expect(count(7) == 128)
  }
}
