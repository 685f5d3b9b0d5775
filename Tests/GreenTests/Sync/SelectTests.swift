import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

private struct Broken: Error, Equatable {}

@Suite(.bounded) struct SelectTests {
  @Test func itDoesWhatIsPossibleFirst() throws {
    try onHub {
      let (left, right) = (Channel<Int>(), Channel<String>())
      Fiber.spawn { try right.send("right") }
      let chosen = try select(.receive(left) { _ in "left" }, .receive(right) { $0 ?? "nothing" })
      #expect(chosen == "right")
    }
  }

  @Test func nothingIsDoneForTheOtherCases() throws {
    try onHub {
      let full = Channel<Int>(capacity: 1), empty = Channel<Int>(), filled = Channel<Int>(capacity: 1)
      try full.send(1)
      let semaphore = Semaphore(0)
      try filled.send(2)
      let chosen = try select(
        .send(9, to: full) { 0 }, .receive(empty) { _ in 1 }, .wait(semaphore) { 2 }, .receive(filled) { $0! + 1 })
      #expect(chosen == 3)
      #expect(full.tryReceive() == 1 && full.tryReceive() == nil)
      semaphore.signal()
      #expect(semaphore.available == 1)
      let sent = try empty.trySend(5)
      #expect(!sent, "nobody waits to receive any more")
    }
  }

  @Test func itWaitsForEveryKindOfThing() throws {
    try onHub {
      let channel = Channel<Int>(), event = Event(), semaphore = Semaphore(0), promise = Promise<Int>()
      let open = Event()
      let fiber = Fiber.spawn {
        try open.wait()
        return 40
      }
      let actions: [() throws -> Void] = [
        { try channel.send(10) }, { semaphore.signal() }, { promise.fulfil(30) }, { open.set() }, { event.set() },
      ]
      var results: [Int] = []
      for action in actions {
        let waiting = Fiber.spawn {
          // Each of what came is waited for no more.
          var cases: [SelectCase<Int>] = [.receive(channel) { $0! }, .wait(semaphore) { 20 }]
          if !promise.isFulfilled { cases.append(.value(of: promise) { $0 }) }
          if !fiber.isFinished { cases.append(.value(of: fiber) { $0 }) }
          if !event.isSet { cases.append(.wait(event) { 50 }) }
          return try select(cases)
        }
        settle()
        #expect(!waiting.isFinished)
        try action()
        results.append(try waiting.value)
      }
      #expect(results == [10, 20, 30, 40, 50])
      let ended = try select(.end(of: fiber) { true }, .receive(channel) { _ in false })
      #expect(ended)
    }
  }

  @Test func aSenderIsChosenWhenAReceiverComes() throws {
    try onHub {
      let (left, right) = (Channel<String>(), Channel<String>())
      let sender = Fiber.spawn { try select(.send("l", to: left) { "left" }, .send("r", to: right) { "right" }) }
      settle()
      let received = try right.receive()
      let chosen = try sender.value
      #expect(received == "r" && chosen == "right")
      #expect(left.tryReceive() == nil)
    }
  }

  @Test func twoSelectionsMeet() throws {
    try onHub {
      let (a, b) = (Channel<Int>(), Channel<Int>())
      let first = Fiber.spawn { try select(.send(1, to: a) { 0 }, .receive(b) { $0! }) }
      settle()
      let second = Fiber.spawn { try select(.send(2, to: b) { 0 }, .receive(a) { $0! }) }
      let results = [try first.value, try second.value].sorted()
      #expect(results == [0, 1] || results == [0, 2])
      #expect(a.tryReceive() == nil && b.tryReceive() == nil)
    }
  }

  @Test func aSelectionDoesNotMeetItself() throws {
    try onHub {
      let channel = Channel<Int>()
      let chosen = try select(
        .send(1, to: channel) { "sent" }, .receive(channel) { _ in "received" }, .timeout(.milliseconds(2)) { "no" })
      #expect(chosen == "no")
      let waiting = Fiber.spawn { try select(.send(1, to: channel) { 0 }, .receive(channel) { $0! }) }
      settle()
      try channel.send(7)
      let received = try waiting.value
      #expect(received == 7)
    }
  }

  @Test func ofThoseThatArePossibleNoneIsStarved() throws {
    try onHub {
      let channels = (0..<4).map { _ in Channel<Int>(capacity: .max) }
      for channel in channels { for number in 0..<1000 { try channel.send(number) } }
      var counts = [Int](repeating: 0, count: 4)
      for _ in 0..<1000 {
        counts[try select(channels.enumerated().map { index, channel in .receive(channel) { _ in index } })] += 1
      }
      #expect(counts.allSatisfy { $0 > 150 && $0 < 350 }, "\(counts)")
    }
  }

  @Test func otherwiseIsForWhenNothingIsPossible() throws {
    let channel = Channel<Int>(capacity: 1)
    let empty = try select(.receive(channel) { $0 }, .otherwise { -1 })
    #expect(empty == -1)
    try channel.send(3)
    let filled = try select(.receive(channel) { $0 }, .otherwise { -1 })
    #expect(filled == 3)
  }

  @Test func theEarliestDeadlineCounts() throws {
    try onHub {
      let never = Event()
      let chosen = try select(
        .wait(never) { 0 }, .timeout(.seconds(60)) { 1 }, .timeout(.milliseconds(2)) { 2 },
        .deadline(.after(.seconds(30))) { 3 })
      #expect(chosen == 2)
      let past = try select(.wait(never) { 0 }, .deadline(Deadline(nanoseconds: 0)) { 1 })
      #expect(past == 1)
    }
  }

  @Test func aClosedChannelIsPossible() throws {
    try onHub {
      let channel = Channel<Int>(), never = Event()
      channel.close()
      let received = try select(.receive(channel) { $0 == nil }, .wait(never) { false })
      #expect(received)
      #expect(throws: ChannelClosed()) { try select(.send(1, to: channel) {}, .wait(never) {}) }
    }
  }

  @Test func closingEndsTheWaitOfBothSides() throws {
    try onHub {
      let channel = Channel<Int>(), never = Event()
      let receiver = Fiber.spawn { try select(.receive(channel) { $0 == nil }, .wait(never) { false }) }
      settle()
      channel.close()
      let isEnd = try receiver.value
      #expect(isEnd)
      let other = Channel<Int>()
      let sender = Fiber.spawn { try select(.send(1, to: other) {}, .wait(never) {}) }
      settle()
      other.close()
      #expect(throws: ChannelClosed()) { try sender.value }
    }
  }

  @Test func errorsOfWhatWasWaitedForAreThrown() throws {
    try onHub {
      let promise = Promise<Int>()
      promise.fail(Broken())
      #expect(throws: Broken()) { try select(.value(of: promise) { $0 }, .wait(Event()) { 0 }) }
      let fiber = Fiber<Int>.spawn { throw Broken() }
      #expect(throws: Broken()) { try select(.value(of: fiber) { $0 }, .wait(Event()) { 0 }) }
      #expect(throws: Broken()) { try select(.otherwise { throw Broken() }) }
    }
  }

  @Test func cancelledItHasDoneNothing() throws {
    try onHub {
      let channel = Channel<Int>(), semaphore = Semaphore(0)
      let waiting = Fiber.spawn {
        try select(.receive(channel) { _ in }, .wait(semaphore) {}, .send(4, to: channel) {})
      }
      settle()
      waiting.cancel()
      semaphore.signal()
      let sent = try channel.trySend(1)
      try waiting.join()
      let isDone = (try? waiting.value) != nil
      #expect((semaphore.available == 0) == (isDone && !sent))
      #expect(channel.tryReceive() == nil)
    }
  }

  @Test func theSameCasesMayBeUsedAgain() throws {
    try onHub {
      let channel = Channel<String>(capacity: 3)
      let text = String(repeating: "long enough to be on the heap", count: 3)
      let cases: [SelectCase<Void>] = [.send(text, to: channel) {}]
      for _ in 0..<3 { try select(cases) }
      for _ in 0..<3 { #expect(channel.tryReceive() == text) }
    }
  }

  @Test func aThreadSelectsToo() throws {
    let (left, right) = (Channel<Int>(), Channel<Int>())
    let sums = Mutex((left: 0, right: 0))
    try inParallel([
      {
        var open = 2
        while open > 0 {
          try select(
            .receive(left) { number in
              if let number { sums.withLock { $0.left += number } } else { open = 0 }
            },
            .receive(right) { number in
              if let number { sums.withLock { $0.right += number } } else { open = 0 }
            })
        }
      },
      {
        try onHub {
          let sender = Fiber.spawn { for number in 1...500 { try left.send(number) } }
          for number in 1...500 { try right.send(number) }
          try sender.value
          left.close()
        }
      },
    ])
    #expect(sums.withLock { $0 } == (125_250, 125_250))
  }

  /// Every value that was sent is received once, whoever met whom.
  @Test func selectionsOfManyThreadsAndHubsLoseNothing() throws {
    let channels = (0..<3).map { Channel<Int>(capacity: $0) }
    let totals = Mutex((sent: 0, received: 0, count: 0))
    let work: @Sendable (UInt64) throws -> Void = { seed in
      var random = seed
      for round in 0..<1500 {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let (a, b) = (Int(random >> 33) % 3, Int(random >> 40) % 3)
        let value = round + 1
        try select(
          .send(value, to: channels[a]) {
            totals.withLock {
              $0.sent += value; $0.count += 1
            }
          },
          .receive(channels[b]) { number in
            totals.withLock {
              $0.received += number!; $0.count -= 1
            }
          },
          .timeout(.microseconds(Int(random >> 50) % 200)) {})
      }
    }
    let onAHub: @Sendable (UInt64) throws -> Void = { seed in
      try onHub {
        let fibers = (0..<5).map { index in Fiber.spawn { try work(seed + UInt64(index)) } }
        for fiber in fibers { try fiber.value }
      }
    }
    try inParallel([{ try onAHub(1) }, { try onAHub(100) }, { try work(200) }, { try work(300) }])
    for channel in channels {
      while let number = channel.tryReceive() {
        totals.withLock {
          $0.received += number; $0.count -= 1
        }
      }
    }
    let (sent, received, count) = totals.withLock { $0 }
    #expect(sent == received && count == 0)
  }

  /// Also while the waiter is being put into the channels' lists, and just after.
  @Test func anotherThreadMayCloseWhatIsSelected() throws {
    for _ in 0..<300 {
      let (left, right) = (Channel<[Int]>(), Channel<[Int]>())
      try inParallel([
        {
          try Hub.run {
            let got = try select(.receive(left) { $0 == nil }, .receive(right) { $0 == nil })
            #expect(got)
          }
        },
        { left.close() },
      ])
      right.close()
      #expect(throws: ChannelClosed.self) { try select(.send([1], to: left) {}, .receive(Channel<Int>()) { _ in }) }
    }
  }
}
