import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@Suite(.bounded) struct QueueTests {
  @Test func theOrderIsThatOfTheQueue() throws {
    let first = JoinableQueue<Int>(), last = JoinableQueue<Int>(.lastInFirstOut)
    let least = PriorityQueue<Int>(), greatest = PriorityQueue<Int>(by: >)
    let numbers = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5]
    for queue in [first, last, least, greatest] {
      for number in numbers { try queue.put(number) }
      queue.shutdown()
    }
    #expect(Array(first) == numbers)
    #expect(Array(last) == numbers.reversed())
    #expect(Array(least) == numbers.sorted())
    #expect(Array(greatest) == numbers.sorted(by: >))
  }

  @Test func ofEqualPriorityTheFirstComesFirst() throws {
    let queue = PriorityQueue<(priority: Int, number: Int)> { $0.priority < $1.priority }
    for number in 0..<200 { try queue.put((number % 5, number)) }
    queue.shutdown()
    let elements = Array(queue)
    #expect(elements.count == 200)
    for (left, right) in zip(elements, elements.dropFirst()) { #expect(left < right) }
  }

  @Test func aRandomPriorityQueueAgreesWithSorting() throws {
    var random: UInt64 = 7
    let queue = PriorityQueue<Int>()
    var model: [Int] = []
    for _ in 0..<5000 {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      if (random >> 60) < 9 {
        let number = Int(random >> 40) % 100
        try queue.put(number)
        model.append(number)
      } else {
        let expected = model.min()
        if let expected { model.remove(at: model.firstIndex(of: expected)!) }
        #expect(queue.tryTake() == expected)
      }
      #expect(queue.count == model.count)
    }
  }

  @Test(arguments: [0, 1, 2])
  func putWaitsWhileItIsFull(_ kind: Int) throws {
    try onHub {
      let queue = JoinableQueue<Int>(
        [.firstInFirstOut, .lastInFirstOut, .priority(<)][kind] as QueueOrder<Int>, limit: 2)
      var events: [String] = []
      let putter = Fiber.spawn {
        for number in 0..<4 {
          try queue.put(number)
          events.append("put \(number)")
        }
      }
      settle()
      #expect(events == ["put 0", "put 1"] && queue.isFull)
      let full = try queue.tryPut(9)
      #expect(!full)
      #expect(throws: Errno.timedOut) { try queue.put(9, until: .now) }
      for _ in 0..<4 {
        let taken = try queue.take()
        #expect(taken != nil)
        settle()
      }
      try putter.value
      #expect(queue.isEmpty && queue.tryTake() == nil)
    }
  }

  @Test func peekingTakesNothing() throws {
    try onHub {
      let queue = PriorityQueue<Int>()
      #expect(queue.tryPeek() == nil)
      let peekers = (0..<2).map { _ in Fiber.spawn { try queue.peek() } }
      settle()
      let taker = Fiber.spawn { try queue.take() }
      settle()
      let late = Fiber.spawn { try queue.peek() }
      settle()
      try queue.put(5)
      let values = [try peekers[0].value, try peekers[1].value, try taker.value]
      #expect(values == [5, 5, 5])
      settle()
      #expect(!late.isFinished && queue.isEmpty)
      try queue.put(7)
      let seen = try late.value
      #expect(seen == 7 && queue.tryPeek() == 7 && queue.count == 1)
    }
  }

  // MARK: Being done

  @Test func joinWaitsUntilEveryTaskIsDone() throws {
    try onHub {
      let queue = JoinableQueue<Int>(limit: 3)
      var done: [Int] = []
      let workers = (0..<2).map { _ in
        Fiber.spawn {
          for number in queue {
            try Fiber.sleep(for: .microseconds(100))
            done.append(number)
            queue.taskDone()
          }
        }
      }
      for number in 0..<10 { try queue.put(number) }
      try queue.join()
      #expect(done.sorted() == Array(0..<10) && queue.unfinishedCount == 0)
      try queue.put(10)
      #expect(throws: Errno.timedOut) { try queue.join(until: .now) }
      try queue.join()
      queue.shutdown()
      for worker in workers { try worker.value }
    }
  }

  @Test func joinOfAnEmptyQueueDoesNotWait() throws { try JoinableQueue<Int>().join(until: .now) }

  // MARK: Shutting down

  @Test func shutDownItIsDrainedAndTakesNothingMore() throws {
    try onHub {
      let queue = JoinableQueue<Int>(limit: 2)
      try queue.put(1)
      try queue.put(2)
      let putter = Fiber.spawn { try queue.put(3) }
      settle()
      queue.shutdown()
      #expect(throws: QueueShutDown()) { try putter.value }
      #expect(throws: QueueShutDown()) { try queue.put(4) }
      #expect(throws: QueueShutDown()) { try queue.tryPut(4) }
      #expect(queue.isShutDown && queue.unfinishedCount == 2)
      #expect(Array(queue) == [1, 2])
      let (taken, peeked) = (try queue.take(), try queue.peek())
      #expect(taken == nil && peeked == nil)
      let empty = JoinableQueue<Int>()
      let taker = Fiber.spawn { try empty.take() }
      settle()
      empty.shutdown()
      let nothing = try taker.value
      #expect(nothing == nil)
    }
  }

  @Test func shutDownImmediatelyItDropsWhatIsThere() throws {
    try onHub {
      let queue = JoinableQueue<Int>()
      for number in 0..<3 { try queue.put(number) }
      let joiner = Fiber.spawn { try queue.join() }
      _ = try queue.take()
      settle()
      queue.shutdown(immediately: true)
      #expect(queue.isEmpty && queue.unfinishedCount == 1)
      settle()
      #expect(!joiner.isFinished)
      queue.taskDone()
      try joiner.value
    }
  }

  /// The order may ask code that waits: the queue's lock is a fiber's own.
  @Test func theComparisonMayWait() throws {
    try onHub {
      let queue = PriorityQueue<Int> { left, right in
        Fiber.yield()
        return left < right
      }
      let putters = (0..<5).map { start in
        Fiber.spawn { for number in 0..<10 { try queue.put(number * 5 + start) } }
      }
      for putter in putters { try putter.value }
      queue.shutdown()
      #expect(Array(queue) == Array(0..<50))
    }
  }

  @Test func threadsAndHubsShareOne() throws {
    let queue = JoinableQueue<Int>(.priority(>), limit: 8)
    let sum = Mutex(0)
    let put: @Sendable () throws -> Void = { for number in 1...1000 { try queue.put(number) } }
    let take: @Sendable () throws -> Void = {
      for number in queue {
        sum.withLock { $0 += number }
        queue.taskDone()
      }
    }
    try inParallel([
      { try onHub(take) }, { try take() },
      {
        try inParallel([{ try onHub(put) }, { try put() }, { try put() }])
        try queue.join(until: .after(.seconds(20)))
        queue.shutdown()
      },
    ])
    #expect(sum.withLock { $0 } == 3 * 500_500)
  }
}
