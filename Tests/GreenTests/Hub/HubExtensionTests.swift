import Green
import SuiteSupport
import TestSupport
import Testing

/// Notes what it is told of.
private final class Noting: HubExtension {
  let name: String
  let moments: HubMoments
  let note: (String) -> Void

  init(_ name: String, _ moments: HubMoments, _ note: @escaping (String) -> Void) {
    self.name = name
    self.moments = moments
    self.note = note
  }

  func hubEnds(_ hub: Hub) { note("\(name) hub ends") }
  func fiberSpawned(_ fiber: FiberHandle) { note("\(name) spawned") }
  func fiberEnds(_ fiber: FiberHandle) { note("\(name) fiber ends") }
  func fiberLeft(_ fiber: FiberHandle) { note("\(name) fiber left") }
  func loopSleeps() { note("\(name) sleeps") }
  func loopWakes() { note("\(name) wakes") }
}

@Suite(.bounded) struct HubExtensionTests {
  final class Notes {
    var all: [String] = []
    func of(_ name: String) -> [String] { all.filter { $0.hasPrefix(name) } }
  }

  @Test func extensionsAreToldOfTheirMomentsInTheirOrderAndOfTheEndInTheOther() throws {
    let notes = try onThread {
      let notes = Notes()
      try Hub.run {
        let hub = Hub.current!
        hub.attach(Noting("a", [.fiberEnds, .stacks]) { notes.all.append($0) })
        hub.attach(Noting("b", .fiberEnds) { notes.all.append($0) })
        try Fiber.spawn {}.value
        Fiber.yield()
      }
      return notes.all
    }
    #expect(
      notes == [
        "a fiber ends", "b fiber ends", "a fiber left",  // of the fiber that was spawned
        "a fiber ends", "b fiber ends", "a fiber left",  // of the first
        "b hub ends", "a hub ends",
      ])
  }

  @Test func onlyThoseWhoAskForAMomentAreToldOfIt() throws {
    let notes = try onThread {
      let notes = Notes()
      try Hub.run {
        let hub = Hub.current!
        let (sleeper, other) = (Noting("a", .sleeps) { notes.all.append($0) }, Noting("b", []) { notes.all.append($0) })
        hub.attach(sleeper)
        hub.attach(other)
        try Fiber.sleep(for: .milliseconds(5))
        hub.detach(sleeper)
        notes.all.append("detached")
        try Fiber.sleep(for: .milliseconds(5))
      }
      return notes.all
    }
    let end = try #require(notes.firstIndex(of: "detached"))
    #expect(Set(notes[..<end]) == ["a sleeps", "a wakes"])
    #expect(notes[end...] == ["detached", "b hub ends"])
  }

  @Test func anExtensionIsFoundByItsClass() throws {
    try onThread {
      try Hub.run {
        let hub = Hub.current!
        #expect(hub.attached(Noting.self) == nil)
        let one = Noting("a", []) { _ in }
        hub.attach(one)
        #expect(hub.attached(Noting.self) === one)
      }
    }
  }

  @Test func switchesAreToldToEveryHookAndNothingIsObservedAfterTheLastWasRemoved() throws {
    let counts = try onThread {
      var (first, second) = (0, 0)
      try Hub.run {
        let hub = Hub.current!
        let hooks = [hub.onSwitch { _ in first += 1 }, hub.onSwitch { _ in second += 1 }]
        let other = Fiber.spawn { for _ in 0..<3 { Fiber.yield() } }
        try other.value
        hooks[0].remove()
        let before = first
        try Fiber.spawn {}.value
        #expect(first == before)
        hooks[1].remove()
        let last = second
        try Fiber.spawn {}.value
        #expect(second == last)
      }
      return (first, second)
    }
    #expect(counts.0 >= 2, "there and back")
    #expect(counts.1 > counts.0)
  }

  /// Within a switch nothing gives way to others.
  @Test func aHookMayWakeOthersAtEverySwitch() throws {
    try onEverySchedule {
      let events = Channel<Int>(capacity: .max)
      let hook = Hub.current!.onSwitch { _ in for number in 0..<3 { _ = try? events.trySend(number) } }
      let fibers = (0..<10).map { _ in Fiber.spawn { for _ in 0..<50 { Fiber.yield() } } }
      for fiber in fibers { try fiber.value }
      hook.remove()
      #expect(events.count >= 1000)
    }
  }
}
