import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@Suite(.bounded) struct BroadcastTests {
  @Test func everyReceiverGetsEachElementInOrder() throws {
    try onEverySchedule {
      let channel = BroadcastChannel<Int>(capacity: 100)
      let receivers = (0..<4).map { _ in channel.receiver() }
      let fibers = receivers.map { receiver in Fiber.spawn { Array(receiver) } }
      for number in 0..<50 {
        try channel.send(number)
        if number % 7 == 0 { Fiber.yield() }
      }
      channel.close()
      for fiber in fibers { try #require(try fiber.value == Array(0..<50)) }
    }
  }

  @Test func whoComesLaterGetsWhatIsSentFromThenOn() throws {
    let channel = BroadcastChannel<Int>(capacity: 4)
    try #expect(channel.send(1) == 0)
    let first = channel.receiver()
    try #expect(channel.send(2) == 1)
    let second = channel.receiver()
    try #expect(channel.send(3) == 2)
    try #expect(first.tryReceive() == 2)
    try #expect(first.tryReceive() == 3)
    try #expect(first.tryReceive() == nil)
    try #expect(second.tryReceive() == 3)
  }

  @Test func whoIsSlowLosesTheOldestAndIsToldHowMany() throws {
    let channel = BroadcastChannel<Int>(capacity: 3)
    let (slow, quick) = (channel.receiver(), channel.receiver())
    for number in 0..<10 {
      try channel.send(number)
      try #expect(quick.tryReceive() == number)
    }
    let lag = try #require(throws: BroadcastLag.self) { try slow.receive() }
    #expect(lag.missed == 7)
    for number in 7..<10 { try #expect(slow.receive() == number) }
    for number in 10..<15 { try channel.send(number) }
    channel.close()
    // A loop passes over what is lost.
    #expect(Array(slow) == [12, 13, 14])
    try #expect(slow.receive() == nil)
  }

  @Test func afterItsEndNothingIsSentAndWhatIsKeptIsReceived() throws {
    try onHub {
      let channel = BroadcastChannel<Int>(capacity: 4)
      let (receiver, waiting) = (channel.receiver(), channel.receiver())
      let waiter = Fiber.spawn { Array(waiting) }
      settle()
      try channel.send(1)
      channel.close()
      channel.close()
      #expect(channel.isClosed)
      #expect(throws: ChannelClosed()) { try channel.send(2) }
      try #expect(receiver.receive() == 1)
      try #expect(receiver.receive() == nil)
      try #expect(waiter.value == [1])
      try #expect(channel.receiver().receive() == nil)
    }
  }

  @Test func whatIsOverwrittenOrLeftIsLetGoOfOutsideTheLock() throws {
    final class Element {
      let ended: () -> Void
      init(_ ended: @escaping () -> Void) { self.ended = ended }
      deinit { ended() }
    }
    try onHub {
      let channel = BroadcastChannel<Element>(capacity: 2)
      var ended = 0
      // Its deinit uses the channel, and waits.
      func make() -> Element {
        Element {
          ended += channel.receiverCount >= 0 ? 1 : 0
          try? Fiber.sleep(for: .microseconds(1))
        }
      }
      var receiver: BroadcastReceiver<Element>? = channel.receiver()
      for _ in 0..<5 { try channel.send(make()) }
      #expect(ended == 3)
      _ = receiver?.receiverIsUsed
      receiver = nil
      #expect(ended == 5 && channel.receiverCount == 0)
      try channel.send(make())
      #expect(ended == 6)
    }
  }

  @Test func aSelectionReceivesFromIt() throws {
    try onHub {
      let channel = BroadcastChannel<String>(capacity: 2), other = Channel<String>()
      let receiver = channel.receiver()
      let selecting = Fiber.spawn {
        try (0..<3).map { _ in
          try select(.receive(receiver) { $0 ?? "the end" }, .receive(other) { $0 ?? "the other's end" })
        }
      }
      settle()
      try channel.send("first")
      settle()
      try other.send("second")
      channel.close()
      try #expect(selecting.value == ["first", "second", "the end"])
    }
  }

  @Test func severalFibersThatShareAReceiverGetEachElementOnce() throws {
    try onEverySchedule {
      let channel = BroadcastChannel<Int>(capacity: 100)
      let receiver = channel.receiver()
      let fibers = (0..<3).map { _ in Fiber.spawn { Array(receiver) } }
      for number in 0..<30 {
        try channel.send(number)
        Fiber.yield()
      }
      channel.close()
      let all = try fibers.flatMap { try $0.value }
      try #require(all.sorted() == Array(0..<30))
    }
  }

  @Test func receiversOnHubsAndThreadsGetAllOfIt() throws {
    let channel = BroadcastChannel<Int>(capacity: 10_000)
    let ready = Latch(3)
    let receive: () throws -> Void = {
      let receiver = channel.receiver()
      ready.countDown()
      var next = 0
      while let number = try receiver.receive(until: .after(.seconds(60))) {
        try #require(number == next)
        next += 1
      }
      try #require(next == 5000)
    }
    let send: () throws -> Void = {
      try ready.wait()
      for number in 0..<5000 { try channel.send(number) }
      channel.close()
    }
    try inParallel([receive, { try onHub(receive) }, { try onHub(receive) }, send])
  }
}

extension BroadcastReceiver {
  /// Keeps it until here.
  fileprivate var receiverIsUsed: Bool { true }
}
