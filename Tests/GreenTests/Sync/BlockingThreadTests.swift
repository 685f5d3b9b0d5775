import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

/// What can be shared by several hubs and by threads without one.
private struct Shared: Sendable, CustomTestStringConvertible {
  let name: String
  let make: @Sendable () -> (wait: @Sendable (Deadline) throws -> Void, wake: @Sendable () throws -> Void)

  init(
    _ name: String,
    _ make: @escaping @Sendable () -> (wait: @Sendable (Deadline) throws -> Void, wake: @Sendable () throws -> Void)
  ) {
    self.name = name
    self.make = make
  }

  var testDescription: String { name }
}

private let shared: [Shared] = [
  Shared("a semaphore") {
    let semaphore = Semaphore(0)
    return ({ try semaphore.wait(until: $0) }, { semaphore.signal() })
  },
  Shared("receiving from an unbuffered channel") {
    let channel = Channel<Int>()
    return ({ _ = try channel.receive(until: $0) }, { try channel.send(1, until: .after(.seconds(20))) })
  },
  Shared("sending to an unbuffered channel") {
    let channel = Channel<Int>()
    return ({ try channel.send(1, until: $0) }, { _ = try channel.receive(until: .after(.seconds(20))) })
  },
  Shared("receiving from a channel with a buffer") {
    let channel = Channel<Int>(capacity: 3)
    return ({ _ = try channel.receive(until: $0) }, { try channel.send(1, until: .after(.seconds(20))) })
  },
  Shared("a priority queue") {
    let queue = PriorityQueue<Int>(limit: 5)
    return ({ _ = try queue.take(until: $0) }, { try queue.put(1, until: .after(.seconds(20))) })
  },
  Shared("a condition") {
    let permits = Mutex(0), given = Condition()
    return (
      { try permits.withLock(awaiting: given, until: $0, where: { $0 > 0 }) { $0 -= 1 } },
      {
        permits.withLock { $0 += 1 }
        given.signal()
      }
    )
  },
  Shared("selecting among two channels") {
    let (left, right) = (Channel<Int>(), Channel<Int>())
    return (
      { try select(.receive(left) { _ in }, .receive(right) { _ in }, .deadline($0) { throw Errno.timedOut }) },
      {
        try select(.send(1, to: right) {}, .send(1, to: left) {}, .timeout(.seconds(20)) { throw Errno.timedOut })
      }
    )
  },
]

@Suite(.bounded) struct BlockingThreadTests {
  private static let count = 2000

  @Test(arguments: shared)
  private func betweenTwoThreads(_ one: Shared) throws {
    let (wait, wake) = one.make()
    try inParallel([
      { for _ in 0..<Self.count { try wait(.after(.seconds(20))) } }, { for _ in 0..<Self.count { try wake() } },
    ])
    #expect(throws: Errno.timedOut) { try wait(.after(.milliseconds(1))) }
  }

  @Test(arguments: shared)
  private func betweenTwoHubs(_ one: Shared) throws {
    let (wait, wake) = one.make()
    try inParallel([
      { try onHub { for _ in 0..<Self.count { try wait(.after(.seconds(20))) } } },
      { try onHub { for _ in 0..<Self.count { try wake() } } },
    ])
    #expect(throws: Errno.timedOut) { try wait(.after(.milliseconds(1))) }
  }

  @Test(arguments: shared)
  private func betweenThreadsAndFibersOfTwoHubs(_ one: Shared) throws {
    let (wait, wake) = one.make()
    func several(_ body: @escaping () throws -> Void) throws {
      try onHub {
        let fibers = (0..<10).map { _ in
          Fiber.spawn { for _ in 0..<Self.count / 20 { try body() } }
        }
        for fiber in fibers { try fiber.value }
      }
    }
    let waiting = { try wait(.after(.seconds(20))) }
    try inParallel([
      { try several(waiting) }, { try several(wake) },
      { for _ in 0..<Self.count / 2 { try waiting() } }, { for _ in 0..<Self.count / 2 { try wake() } },
    ])
    #expect(throws: Errno.timedOut) { try wait(.after(.milliseconds(1))) }
  }

  /// Deadlines that pass just when the other hub answers: each wake ends exactly one wait, or is still there.
  @Test(
    arguments: shared.filter { $0.name == "a semaphore" || $0.name == "a condition" || $0.name == "a priority queue" })
  private func nothingIsLostWhereDeadlinesRaceWithAnotherHub(_ one: Shared) throws {
    let (wait, wake) = one.make()
    let got = Mutex(0), given = Mutex(0)
    let waiting = {
      for index in 0..<Self.count {
        if (try? wait(.after(.microseconds(index % 50)))) != nil { got.withLock { $0 += 1 } }
      }
    }
    try inParallel([
      { try onHub(waiting) }, waiting,
      {
        for _ in 0..<Self.count / 2 where (try? wake()) != nil { given.withLock { $0 += 1 } }
      },
    ])
    while (try? wait(.now)) != nil { got.withLock { $0 += 1 } }
    #expect(got.withLock { $0 } == given.withLock { $0 })
  }

  @Test func cancellationRacesWithAnotherHub() throws {
    let channel = Channel<Int>()
    let sent = Mutex(0), received = Mutex(0)
    try inParallel([
      {
        try onHub {
          for _ in 0..<300 {
            let fiber = Fiber.spawn {
              while true {
                _ = try channel.receive()
                received.withLock { $0 += 1 }
              }
            }
            try Fiber.sleep(for: .microseconds(30))
            fiber.cancel()
            try fiber.join()
          }
          channel.close()
        }
      },
      { while (try? channel.send(1)) != nil { sent.withLock { $0 += 1 } } },
    ])
    #expect(sent.withLock { $0 } == received.withLock { $0 })
  }
}
