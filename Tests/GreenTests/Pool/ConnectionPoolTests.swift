import Glibc
import Green
import SuiteSupport
import Synchronization
import SystemPackage
import TestSupport
import Testing

private struct Refused: Error, Equatable {}

/// A connection to nothing.
private final class Line: PooledConnection {
  let number: Int
  let isBroken = Atomic(false)
  let closings = Atomic(0)
  init(_ number: Int) { self.number = number }
  func isUsable() -> Bool { !isBroken.load(ordering: .relaxed) }
  func close() { closings.wrappingAdd(1, ordering: .relaxed) }
}

/// Makes lines, and counts them.
private final class Exchange: Sendable {
  let lines = Green.Mutex<[Line]>([])
  func open() -> Line {
    lines.withLock { lines in
      lines.append(Line(lines.count))
      return lines.last!
    }
  }
  func pool(
    _ limit: Int, wait: Duration = .seconds(5), idle: Duration = .seconds(300), lifetime: Duration = .seconds(3600)
  )
    -> Pool<Line>
  {
    Pool(limit: limit, wait: wait, idleTimeout: idle, lifetime: lifetime) { self.open() }
  }
  var count: Int { lines.withLock { $0.count } }
  func closings(_ number: Int) -> Int { lines.withLock { $0[number].closings.load(ordering: .relaxed) } }
}

@Suite(.bounded) struct ConnectionPoolTests {
  @Test func aConnectionIsUsedAgain() throws {
    let exchange = Exchange()
    let pool = exchange.pool(3)
    for _ in 0..<10 { try pool.withConnection { #expect($0.number == 0) } }
    let now = pool.statistics
    #expect(now.limit == 3 && now.open == 1 && now.idle == 1 && now.waiting == 0)
  }

  @Test func thereAreNoMoreThanTheLimitAndAllAreServed() throws {
    try onHub {
      let exchange = Exchange()
      let pool = exchange.pool(3)
      let most = Green.Mutex((now: 0, most: 0))
      let fibers = (0..<100).map { _ in
        Fiber.spawn {
          try pool.withConnection { _ in
            most.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
            Fiber.yield()
            most.withLock { $0.now -= 1 }
          }
        }
      }
      for fiber in fibers { try fiber.value }
      #expect(exchange.count == 3 && most.withLock { $0.most } == 3)
    }
  }

  @Test func whoCameFirstIsServedFirst() throws {
    try onEverySchedule {
      let pool = Exchange().pool(1)
      let order = Green.Mutex<[Int]>([])
      try pool.withConnection { _ in
        for number in 0..<5 {
          Fiber.spawn { try pool.withConnection { _ in order.withLock { $0.append(number) } } }
          while pool.statistics.waiting <= number { Fiber.yield() }
        }
      }
      // A newcomer does not overtake.
      try pool.withConnection { _ in order.withLock { $0.append(5) } }
      #expect(order.withLock { $0 } == [0, 1, 2, 3, 4, 5])
    }
  }

  @Test func whoWaitsTooLongIsTold() throws {
    try onVirtualHub {
      let pool = Exchange().pool(1)
      let holder = Fiber.spawn { try pool.withConnection { _ in try Fiber.sleep(for: .seconds(60)) } }
      Fiber.yield()
      let waited = seconds {
        #expect(throws: PoolError.exhausted(limit: 1, waited: .seconds(5))) { try pool.withConnection { _ in } }
      }
      #expect(waited == 5)
      #expect(throws: PoolError.exhausted(limit: 1, waited: .seconds(1))) {
        try pool.withConnection(until: .after(.seconds(1))) { _ in }
      }
      #expect(throws: TimeoutError.self) { try withTimeout(.seconds(1)) { try pool.withConnection { _ in } } }
      #expect(pool.statistics.waiting == 0)
      try holder.value
      try pool.withConnection { _ in }
    }
  }

  @Test func oneThatIsCancelledTakesNothing() throws {
    try onEverySchedule {
      let exchange = Exchange()
      let pool = exchange.pool(1)
      try pool.withConnection { _ in
        let waiting = Fiber.spawn { try pool.withConnection { _ in } }
        let next = Fiber.spawn { try pool.withConnection { _ in 1 } }
        Fiber.yield()
        waiting.cancel()
        _ = next
      }
      let value = try pool.withConnection { _ in 7 }
      #expect(value == 7 && exchange.count == 1)
    }
  }

  @Test func askingForASecondOfAnExhaustedPoolIsAnError() throws {
    let check = {
      let pool = Exchange().pool(2)
      try pool.withConnection { first in
        // As long as there is one it is given.
        try pool.withConnection { second in
          #expect(second !== first)
          #expect(throws: PoolError.nested(limit: 2)) { try pool.withConnection { _ in } }
        }
      }
      #expect(pool.statistics.idle == 2)
    }
    try onHub(check)
    try onThread(check)
  }

  @Test func aFiberOfOneThatHoldsMayWait() throws {
    try onHub {
      let pool = Exchange().pool(1)
      let child = try pool.withConnection { _ in
        let child = Fiber.spawn { try pool.withConnection { _ in 1 } }
        Fiber.yield()
        return child
      }
      let value = try child.value
      #expect(value == 1)
    }
  }

  @Test func whatIsBrokenIsReplaced() throws {
    let exchange = Exchange()
    let pool = exchange.pool(1)
    try pool.withConnection { $0.isBroken.store(true, ordering: .relaxed) }
    #expect(exchange.closings(0) == 1)
    try pool.withConnection { #expect($0.number == 1) }
    // It breaks while nobody uses it.
    exchange.lines.withLock { $0[1].isBroken.store(true, ordering: .relaxed) }
    try pool.withConnection { #expect($0.number == 2) }
    #expect(exchange.closings(1) == 1)
  }

  @Test func whoGetsABrokenOneKeepsItsTurn() throws {
    try onHub {
      let exchange = Exchange()
      let pool = exchange.pool(1)
      let order = Green.Mutex<[Int]>([])
      let fibers = try pool.withConnection { line in
        let fibers = (0..<3).map { number in
          Fiber.spawn { try pool.withConnection { _ in order.withLock { $0.append(number) } } }
        }
        while pool.statistics.waiting < 3 { Fiber.yield() }
        // Usable when it is given back, and broken when it is given out.
        Fiber.spawn(name: "breaking") { line.isBroken.store(true, ordering: .relaxed) }
        return fibers
      }
      for fiber in fibers { try fiber.value }
      #expect(order.withLock { $0 } == [0, 1, 2])
    }
  }

  @Test func whatCannotBeOpenedLeavesItsPlace() throws {
    let isDown = Atomic(true)
    let pool = Pool<Line>(limit: 1) {
      if isDown.load(ordering: .relaxed) { throw Refused() }
      return Line(0)
    }
    for _ in 0..<3 { #expect(throws: Refused()) { try pool.withConnection { _ in } } }
    isDown.store(false, ordering: .relaxed)
    try pool.withConnection { _ in }
  }

  @Test func whatNobodyUsesIsClosed() throws {
    try onVirtualHub {
      let exchange = Exchange()
      let pool = exchange.pool(2, idle: .seconds(60), lifetime: .seconds(600))
      try pool.withConnection { _ in try pool.withConnection { _ in } }
      for _ in 0..<5 {
        try Fiber.sleep(for: .seconds(30))
        try pool.withConnection { _ in }
      }
      #expect(pool.statistics.open == 1 && exchange.count == 2)
      // The one that is used reaches its age.
      for _ in 0..<20 {
        try Fiber.sleep(for: .seconds(30))
        try pool.withConnection { _ in }
      }
      #expect(exchange.count == 3)
    }
  }

  @Test func aClosedPoolGivesNothing() throws {
    try onHub {
      let exchange = Exchange()
      let pool = exchange.pool(1)
      let waiting = try pool.withConnection { _ in
        let waiting = Fiber.spawn { try pool.withConnection { _ in } }
        Fiber.yield()
        pool.close()
        return waiting
      }
      #expect(throws: PoolError.closed) { try waiting.value }
      #expect(throws: PoolError.closed) { try pool.withConnection { _ in } }
      #expect(exchange.closings(0) == 1)
    }
  }

  @Test func fibersOfSeveralHubsAndThreadsShareOne() throws {
    let exchange = Exchange()
    let pool = exchange.pool(4, wait: .seconds(60))
    let users = Green.Mutex<Set<Int>>([])
    let work = {
      for _ in 0..<200 {
        try pool.withConnection { line in
          #expect(users.withLock { $0.insert(line.number).inserted })
          Fiber.yield()
          users.withLock { _ = $0.remove(line.number) }
        }
      }
    }
    let hub = {
      try onHub {
        let fibers = (0..<10).map { _ in Fiber.spawn { try work() } }
        for fiber in fibers { try fiber.value }
      }
    }
    try inParallel([work, work, hub, hub])
    #expect(exchange.count <= 4 && pool.statistics.idle == exchange.count)
  }

  @Test func aForkedChildHasItsOwn() throws {
    let exchange = Exchange()
    let pool = exchange.pool(1)
    try pool.withConnection { _ in }
    let status = endOfChild {
      var number = -1
      try? pool.withConnection { number = $0.number }
      return number == 1 && exchange.closings(0) == 0
    }
    #expect(status == 0)
    try pool.withConnection { #expect($0.number == 0) }
  }
}
