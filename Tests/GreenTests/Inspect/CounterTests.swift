import Glibc
import Green
import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct CounterTests {
  @Test func aHubCountsItsFibersSwitchesStacksTimersAndDescriptors() throws {
    try onHub {
      var ends: [CInt] = [0, 0]
      pipe(&ends)
      let read = ends[0]
      let before = Hub.current!.counters
      let sleeping = (0..<10).map { _ in Fiber.spawn { try Fiber.sleep(for: .seconds(100)) } }
      let waiting = Fiber.spawn { try Readiness.wait(for: read, .read) }
      Fiber.yield()
      let during = Hub.current!.counters
      #expect(during.spawned == before.spawned + 11)
      #expect(during.alive == 12 && during.parked == 11 && during.waitingOutside == 1)
      #expect(during.timers >= 10 && during.descriptors == 1)
      #expect(during.stacksInUse == 12 && during.stacksHighWater >= 12 && during.stacksMapped >= 12)
      #expect(during.switches >= before.switches + 11)
      #expect(during.stackSize >= Hub.defaultStackSize && during.mappedBytes >= 12 * during.stackSize)
      for fiber in sleeping { fiber.cancel() }
      waiting.cancel()
      for fiber in sleeping { try fiber.join() }
      try waiting.join()
      let after = Hub.current!.counters
      #expect(after.alive == 1 && after.stacksInUse <= 2 && after.stacksHighWater >= 12 && after.descriptors == 0)
      close(ends[0])
      close(ends[1])
    }
  }

  @Test func nothingIsMeasuredUntilItIsAskedFor() throws {
    try onHub {
      #expect(!Hub.current!.measures)
      for _ in 0..<10 { try Fiber.spawn(name: "quick") {}.value }
      let counters = Hub.current!.counters
      #expect(counters.slices.count == 0 && counters.readyLatency.count == 0 && counters.spawns.isEmpty)
    }
  }

  @Test func measuringTellsSlicesLatenciesAndSpawnsByName() throws {
    try onHub {
      var (counters, rounds) = (Hub.current!.counters, 0)
      // A machine that does something else may make another slice as long, but not each time.
      repeat {
        Hub.current!.measures = false
        Hub.current!.measures = true
        let slow = Fiber.spawn(name: "slow") {
          let end = Deadline.after(.milliseconds(20))
          while !end.hasPassed {}
        }
        // Ready while the other runs.
        let late = (0..<3).map { _ in Fiber.spawn(name: "late") {} }
        try slow.value
        for fiber in late { try fiber.value }
        (counters, rounds) = (Hub.current!.counters, rounds + 1)
      } while counters.longestSliceName != "slow" && rounds < 10
      #expect(counters.longestSlice >= .milliseconds(15) && counters.longestSliceName == "slow", "\(counters)")
      #expect(counters.slices.count >= 4 && counters.slices.quantile(1) >= .milliseconds(16), "\(counters)")
      #expect(counters.readyLatency.quantile(1) >= .milliseconds(16), "\(counters)")
      #expect(counters.spawns == ["slow": 1, "late": 3])
      #expect("\(counters)".contains("spawned \"late\": 3"))
      Hub.current!.measures = false
      Fiber.yield()
      #expect(Hub.current!.counters.slices.count == 0)
    }
  }

  @Test func namesWithoutEndAreCountedTogether() throws {
    try onHub {
      Hub.current!.measures = true
      for index in 0..<1000 { try Fiber.spawn(name: "GET /\(index)") {}.value }
      let spawns = Hub.current!.counters.spawns
      #expect(spawns.count == 257 && spawns.values.reduce(0, +) == 1000 && spawns["(others)"] == 744)
    }
  }

  @Test func aHistogramHasABucketForEachPowerOfTwo() throws {
    try onHub {
      Hub.current!.measures = true
      for _ in 0..<1000 { Fiber.yield() }
      let other = Fiber.spawn { for _ in 0..<1000 { Fiber.yield() } }
      for _ in 0..<1000 { Fiber.yield() }
      try other.value
      let histogram = Hub.current!.counters.readyLatency
      #expect(histogram.count > 1000 && histogram.buckets.count == 64)
      #expect(histogram.quantile(0.5) > .zero && histogram.quantile(0.5) <= histogram.quantile(1))
      #expect(Histogram().quantile(0.5) == .zero && "\(Histogram())" == "none")
    }
  }
}

@Suite(.bounded) struct SwitchHookTests {
  @Test func aHookSeesEverySwitchFromItsTwoSides() throws {
    try onHub {
      var seen: [String] = []
      let hook = Hub.current!.onSwitch { seen.append("\($0.from.name)>\($0.to.name)") }
      let a = Fiber.spawn(name: "a") { Fiber.yield() }
      let b = Fiber.spawn(name: "b") { Fiber.yield() }
      try a.value
      try b.value
      hook.remove()
      let count = seen.count
      try Fiber.sleep(for: .milliseconds(1))
      #expect(seen.count == count)
      // One side's end is the next one's beginning; the loop has no name.
      for (one, next) in zip(seen, seen.dropFirst()) {
        #expect(
          one.split(separator: ">", omittingEmptySubsequences: false)[1]
            == next.split(separator: ">", omittingEmptySubsequences: false)[0], "\(seen)")
      }
      #expect(seen.first?.hasPrefix("main>") == true && seen.last?.hasSuffix(">main") == true, "\(seen)")
      #expect(seen.contains("a>b") && seen.contains("b>a"), "\(seen)")
    }
  }

  @Test func aHookMaySpawnAndSeesTheIdentifiers() throws {
    try onHub {
      var spawned: Fiber<Int>?
      var identifiers: Set<UInt64> = []
      let hook = Hub.current!.onSwitch { change in
        identifiers.insert(change.to.id)
        if spawned == nil { spawned = Fiber.spawn { 7 } }
      }
      try Fiber.sleep(for: .milliseconds(1))
      let fiber = try #require(spawned)
      let value = try fiber.value
      #expect(value == 7)
      #expect(identifiers.contains(fiber.id) && identifiers.contains(0), "\(identifiers)")
      hook.remove()
      hook.remove()
    }
  }
}
