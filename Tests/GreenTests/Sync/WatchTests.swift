import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@Suite(.bounded) struct WatchTests {
  @Test func whoFollowsSeesTheLatestAndNeverAnOlderOne() throws {
    try onEverySchedule {
      let watch = Watch(0)
      let followers = (0..<3).map { _ in
        let changes = watch.changes()
        return Fiber.spawn { Array(changes) }
      }
      for number in 1...20 {
        watch.set(number)
        if number % 3 == 0 { Fiber.yield() }
      }
      watch.close()
      for follower in followers {
        let seen = try follower.value
        try #require(seen.last == 20 && seen == seen.sorted() && Set(seen).count == seen.count)
      }
    }
  }

  @Test func thePresentValueIsNoChange() throws {
    let watch = Watch("a")
    let changes = watch.changes()
    #expect(!changes.isChanged && watch.value == "a")
    #expect(throws: Errno.timedOut) { try changes.next(until: .now) }
    watch.set("b")
    #expect(changes.isChanged)
    try #expect(changes.next(until: .now) == "b")
    // Set again it counts as a change, equal or not.
    watch.set("b")
    try #expect(changes.next(until: .now) == "b")
    watch.close()
    try #expect(changes.next(until: .never) == nil)
    watch.set("c")
    #expect(watch.value == "c" && watch.isClosed)
  }

  @Test func oneWaitsForAValueAsItShouldBe() throws {
    try onHub {
      let level = Watch(0)
      let high = Fiber.spawn { try level.value { $0 >= 3 } }
      let never = Fiber.spawn { try level.value { $0 > 100 } }
      for number in 1...5 {
        level.set(number)
        settle()
      }
      try #expect(high.value == 3)
      try #expect(level.value { $0 > 1 } == 5)
      level.close()
      try #expect(never.value == nil)
    }
  }

  @Test func updatesThatMeetAreAllMade() throws {
    let count = Watch(0)
    let work: () throws -> Void = { for _ in 0..<200 { count.update { $0 += 1 } } }
    try inParallel([work, { try onHub(work) }, { try onHub(work) }])
    #expect(count.value == 600)
    try onEverySchedule {
      let sum = Watch(0)
      let fibers = (0..<4).map { _ in
        // It waits in the middle, and others change the value meanwhile.
        Fiber.spawn {
          sum.update { value in
            let old = value
            Fiber.yield()
            value = old + 1
          }
        }
      }
      for fiber in fibers { try fiber.value }
      try #require(sum.value == 4)
    }
  }

  @Test func anUpdateThatThrowsChangesNothing() throws {
    let watch = Watch(1)
    #expect(throws: Errno.noMemory) {
      try watch.update {
        $0 = 2
        throw Errno.noMemory
      }
    }
    #expect(watch.value == 1)
  }

  @Test func theOldValueEndsOutsideTheLock() throws {
    final class Value {
      let ended: () -> Void
      init(_ ended: @escaping () -> Void) { self.ended = ended }
      deinit { ended() }
    }
    try onHub {
      var (ended, watch) = (0, nil as Watch<Value>?)
      func make() -> Value {
        Value {
          ended += watch?.isClosed == false ? 1 : 0
          try? Fiber.sleep(for: .microseconds(1))
        }
      }
      watch = Watch(make())
      for _ in 0..<3 { watch?.set(make()) }
      #expect(ended == 3)
      // The last ends with the watch, which is not to be asked then.
      let last = watch
      watch = nil
      withExtendedLifetime(last) {}
    }
  }

  @Test func aSelectionWaitsForAChange() throws {
    try onHub {
      let watch = Watch(1), stop = Event()
      let changes = watch.changes()
      let selecting = Fiber.spawn { try select(.change(of: changes) { $0 }, .wait(stop) { nil }) }
      settle()
      watch.set(2)
      watch.set(3)
      try #expect(selecting.value == 3)
    }
  }
}
