import Green
import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct RemoteTests {
  @Test func anotherThreadSpawnsFibersAndRunsCodeOnTheHub() throws {
    try onHub {
      let remote = Hub.current!.remote
      let (event, count) = (Event(), Mutex(0))
      try inParallel(
        (0..<4).map { _ in
          {
            for _ in 0..<100 {
              remote.spawn { count.withLock { $0 += 1 } }
              remote.run { count.withLock { $0 += 1 } }
            }
            remote.run { if count.withLock({ $0 }) > 0 { event.set() } }
          }
        })
      try event.wait(until: .after(.seconds(30)))
      while count.withLock({ $0 }) < 800 { try Fiber.sleep(for: .milliseconds(1)) }
    }
  }

  @Test func aHubThatHasEndedSaysSo() throws {
    let remote = try onHub { Hub.current!.remote }
    #expect(!remote.spawn {})
    #expect(!remote.run {})
  }

  @Test func aWakeThatComesJustWhenTheHubHasNothingToDoIsNotLost() throws {
    let (there, back) = (Semaphore(0), Semaphore(0))
    let rounds = 20_000
    try inParallel([
      {
        try Hub.run {
          for _ in 0..<rounds {
            there.signal()
            try back.wait()
          }
        }
      },
      {
        for _ in 0..<rounds {
          try there.wait()
          back.signal()
        }
      },
    ])
    #expect(there.available == 0 && back.available == 0)
  }

  @Test func threadsWakeFibersThroughLocksEventsAndSemaphores() throws {
    let (event, semaphore) = (Event(), Semaphore(0))
    try inParallel([
      {
        try Hub.run {
          let fibers = (0..<10).map { _ in
            Fiber.spawn {
              try event.wait()
              try semaphore.wait()
            }
          }
          for fiber in fibers { try fiber.value }
        }
      },
      {
        event.set()
        for _ in 0..<10 { semaphore.signal() }
      },
    ])
    #expect(semaphore.available == 0)
  }

  /// It came while the last fiber computed.
  @Test func whatWasTakenRunsBeforeTheHubEnds() throws {
    for _ in 0..<50 {
      let (ran, taken) = (Mutex(0), Mutex(0))
      try onHub {
        let remote = Hub.current!.remote
        try inParallel([
          {
            for index in 0..<3 {
              let isTaken =
                index == 2
                ? remote.spawn {
                  Fiber.yield()
                  ran.withLock { $0 += 1 }
                } : remote.run { ran.withLock { $0 += 1 } }
              if isTaken { taken.withLock { $0 += 1 } }
            }
          }
        ])
      }
      #expect(ran.withLock { $0 } == 3 && taken.withLock { $0 } == 3)
    }
  }
}
