import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@Suite(.bounded) struct ReentrantMutexTests {
  @Test func whoHoldsItMayTakeItAgain() throws {
    let mutex = ReentrantMutex([Int]())
    func add(_ number: Int) {
      mutex.withLock {
        $0.value.append(number)
        if number > 0 { add(number - 1) }
        $0.value.append(-number)
      }
    }
    add(2)
    #expect(mutex.withLock { $0.value } == [2, 1, 0, 0, -1, -2])
    try onHub {
      add(1)
      let inside = mutex.withLock { _ in mutex.withLockIfAvailable { $0.value.count } }
      #expect(inside == 10)
      let deeper = try mutex.withLock(until: .now) { _ in try mutex.withLock(until: .now) { $0.value.count } }
      #expect(deeper == 10)
    }
  }

  @Test func othersWaitUntilItWasGivenBackAsOftenAsItWasTaken() throws {
    try onHub {
      let mutex = ReentrantMutex("")
      let holder = Fiber.spawn {
        try mutex.withLock { content in
          try mutex.withLock { _ in try Fiber.sleep(for: .milliseconds(1)) }
          try Fiber.sleep(for: .milliseconds(1))
          content.value += "a"
        }
      }
      settle()
      #expect(mutex.withLockIfAvailable { $0.value } == nil)
      mutex.withLock { $0.value += "b" }
      try holder.value
      #expect(mutex.withLock { $0.value } == "ab")
    }
  }

  @Test func threadsAndFibersOfTwoHubsKeepEachOtherOut() throws {
    let mutex = ReentrantMutex(0)
    let work: @Sendable () -> Void = {
      for _ in 0..<500 {
        mutex.withLock { content in
          let before = content.value
          mutex.withLock { _ in Fiber.yield() }
          content.value = before + 1
        }
      }
    }
    let onAHub: @Sendable () throws -> Void = {
      try onHub {
        let fibers = (0..<4).map { _ in Fiber.spawn { work() } }
        for fiber in fibers { try fiber.value }
      }
    }
    try inParallel([onAHub, onAHub, { work() }, { work() }])
    #expect(mutex.withLock { $0.value } == 5000)
  }
}

@Suite(.bounded) struct ConditionTests {
  @Test func theLockIsFreeWhileOneWaitsAndHeldAfterwards() throws {
    try onHub {
      let mutex = Mutex(0), changed = Condition()
      let waiter = Fiber.spawn {
        try mutex.withLock { value in
          while value < 3 { try changed.wait(&value, of: mutex) }
          #expect(mutex.withLockIfAvailable { $0 } == nil)
          return value
        }
      }
      settle()
      for number in 1...3 {
        mutex.withLock { $0 = number }
        changed.signal()
        settle()
      }
      let value = try waiter.value
      #expect(value == 3)
    }
  }

  @Test func aSignalWakesOneAndABroadcastAll() throws {
    try onHub {
      let mutex = Mutex(0), changed = Condition()
      var woken = 0
      let waiters = (0..<5).map { _ in
        Fiber.spawn {
          try mutex.withLock { try changed.wait(&$0, of: mutex) }
          woken += 1
        }
      }
      settle()
      changed.signal()
      settle()
      #expect(woken == 1)
      changed.broadcast()
      settle()
      #expect(woken == 5)
      for waiter in waiters { try waiter.value }
      changed.signal()
      changed.broadcast()
    }
  }

  @Test func theLockIsHeldWhenTheWaitIsCancelledOrTimesOut() throws {
    try onHub {
      let mutex = Mutex(0), changed = Condition()
      let waiter = Fiber.spawn {
        mutex.withLock { value in
          do {
            try changed.wait(&value, of: mutex)
          } catch {
            value += 1
            #expect(mutex.withLockIfAvailable { $0 } == nil)
          }
        }
      }
      settle()
      waiter.cancel()
      try waiter.value
      mutex.withLock { value in
        #expect(throws: Errno.timedOut) { try changed.wait(&value, of: mutex, until: .after(.milliseconds(1))) }
        #expect(value == 1)
      }
    }
  }

  @Test func atTheDeadlineTheValueIsLookedAtOnceMore() throws {
    try onHub {
      let mutex = Mutex(0), changed = Condition()
      let waiter = Fiber.spawn {
        try mutex.withLock(awaiting: changed, until: .after(.milliseconds(3)), where: { $0 == 1 }) { $0 += 1 }
      }
      settle()
      mutex.withLock { $0 = 1 }  // without a signal
      try waiter.value
      #expect(mutex.withLock { $0 } == 2)
    }
  }

  @Test func producersAndConsumersOnThreadsAndHubs() throws {
    let items = Mutex<[Int]>([]), filled = Condition(), drained = Condition()
    let sum = Mutex(0)
    let produce: @Sendable () throws -> Void = {
      for number in 1...1000 {
        try items.withLock(awaiting: drained, until: .after(.seconds(20)), where: { $0.count < 3 }) {
          $0.append(number)
        }
        filled.signal()
      }
    }
    let consume: @Sendable () throws -> Void = {
      for _ in 1...1000 {
        let number = try items.withLock(awaiting: filled, until: .after(.seconds(20)), where: { !$0.isEmpty }) {
          $0.removeFirst()
        }
        drained.signal()
        sum.withLock { $0 += number }
      }
    }
    try inParallel([produce, consume, { try onHub(produce) }, { try onHub(consume) }])
    #expect(sum.withLock { $0 } == 1_001_000)
  }
}

@Suite(.bounded) struct ReadWriteLockTests {
  @Test func readersShareItAndAWriterIsAlone() throws {
    try onHub {
      let lock = ReadWriteLock(0)
      var (readers, most, writers) = (0, 0, 0)
      let fibers = (0..<40).map { index in
        Fiber.spawn {
          for _ in 0..<5 {
            if index % 4 == 0 {
              lock.withWriteLock { value in
                #expect(readers == 0 && writers == 0)
                writers += 1
                Fiber.yield()
                writers -= 1
                value += 1
              }
            } else {
              lock.withReadLock { _ in
                #expect(writers == 0)
                readers += 1
                most = max(most, readers)
                Fiber.yield()
                readers -= 1
              }
            }
          }
        }
      }
      for fiber in fibers { try fiber.value }
      #expect(most > 1)
      #expect(lock.withReadLock { $0 } == 50)
    }
  }

  @Test func turnsAreGivenInTheOrderInWhichTheyWereAskedFor() throws {
    let order = try onHub {
      let lock = ReadWriteLock(())
      var order = ""
      let open = Event()
      func reader(_ name: String) -> Fiber<Void> {
        Fiber.spawn {
          lock.withReadLock { _ in
            order += name
            Fiber.yield()
          }
        }
      }
      let first = Fiber.spawn { try lock.withReadLock { _ in try open.wait() } }
      settle()
      let writer = Fiber.spawn { lock.withWriteLock { _ in order += "W" } }
      settle()
      let late = [reader("a"), reader("b")]
      settle()
      #expect(order.isEmpty, "readers do not overtake the writer")
      open.set()
      for fiber in [first, writer] + late { try fiber.value }
      return order
    }
    #expect(order == "Wab")
  }

  @Test func whoWaitsBehindAWriterThatGaveUpNeedNotWait() throws {
    try onHub {
      let lock = ReadWriteLock(()), open = Event()
      let holder = Fiber.spawn { try lock.withReadLock { _ in try open.wait() } }
      settle()
      let writer = Fiber.spawn { try lock.withWriteLock(until: .after(.milliseconds(2))) { _ in } }
      settle()
      let reader = Fiber.spawn { lock.withReadLock { _ in } }
      #expect(throws: Errno.timedOut) { try writer.value }
      try reader.value(until: .after(.seconds(10)))
      #expect(!holder.isFinished)
      open.set()
      try holder.value
    }
  }

  @Test func threadsAndHubsShareIt() throws {
    let lock = ReadWriteLock([0, 0])
    let work: @Sendable () -> Void = {
      for round in 0..<500 {
        if round % 3 == 0 {
          lock.withWriteLock {
            $0[0] += 1
            Fiber.yield()
            $0[1] += 1
          }
        } else {
          let isWhole = lock.withReadLock { $0[0] == $0[1] }
          #expect(isWhole)
        }
      }
    }
    let onAHub: @Sendable () throws -> Void = {
      try onHub {
        let fibers = (0..<4).map { _ in Fiber.spawn { work() } }
        for fiber in fibers { try fiber.value }
      }
    }
    try inParallel([onAHub, onAHub, { work() }])
    #expect(lock.withReadLock { $0 } == [1503, 1503])
  }
}

@Suite(.bounded) struct SemaphoreTests {
  @Test func soManyHaveAPermitAtOnce() throws {
    try onHub {
      let semaphore = Semaphore(3, limit: 3)
      var (inside, most) = (0, 0)
      let fibers = (0..<20).map { _ in
        Fiber.spawn {
          try semaphore.withPermit {
            inside += 1
            most = max(most, inside)
            try Fiber.sleep(for: .microseconds(200))
            inside -= 1
          }
        }
      }
      for fiber in fibers { try fiber.value }
      #expect(most == 3 && semaphore.available == 3)
    }
  }

  @Test func thePermitIsGivenBackWhenTheBodyThrows() throws {
    struct Broken: Error {}
    let semaphore = Semaphore(1)
    #expect(throws: Broken.self) { try semaphore.withPermit { throw Broken() } }
    #expect(semaphore.waitIfAvailable() && !semaphore.waitIfAvailable())
  }

  /// A fiber that gives and takes again and again does not keep the permit to itself.
  @Test func whoGivesAndTakesAtOnceWaitsBehindTheOthers() throws {
    let order = try onHub {
      let semaphore = Semaphore(1)
      var order = ""
      let fibers = ["a", "b", "c"].map { name in
        Fiber.spawn {
          for _ in 0..<4 {
            try semaphore.wait()
            order += name
            Fiber.yield()
            semaphore.signal()
          }
        }
      }
      for fiber in fibers { try fiber.value }
      return order
    }
    #expect(order == "abcabcabcabc")
  }
}

@Suite(.bounded) struct EventTests {
  @Test func allWhoWaitedGoOnEvenIfItIsClearedAtOnce() throws {
    try onHub {
      let event = Event()
      let waiters = (0..<5).map { _ in Blocking.waiter(Blocking.Pair({ try event.wait(until: $0) }, {})) }
      event.set()
      event.clear()
      for waiter in waiters { try waiter.value }
      #expect(!event.isSet)
      #expect(throws: Errno.timedOut) { try event.wait(until: .now) }
    }
  }

  @Test func settingTwiceIsSettingOnce() throws {
    let event = Event(isSet: true)
    event.set()
    try event.wait()
    event.clear()
    #expect(throws: Errno.timedOut) { try event.wait(until: .after(.milliseconds(1))) }
  }

  @Test func itMayBeSetAndAwaitedByThreadsAndHubs() throws {
    let rounds = 300
    let events = (0..<rounds).map { _ in Event() }
    let wait: @Sendable () throws -> Void = { for event in events { try event.wait(until: .after(.seconds(20))) } }
    try inParallel([
      { try onHub(wait) }, { try onHub(wait) }, { try wait() }, { for event in events { event.set() } },
    ])
  }
}
