import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

/// Counts how many of it are alive.
private final class Counted {
  let number: Int
  let alive: UnsafeMutablePointer<Int>

  init(_ number: Int, _ alive: UnsafeMutablePointer<Int>) {
    self.number = number
    self.alive = alive
    alive.pointee += 1
  }

  deinit { alive.pointee -= 1 }
}

/// What may not be moved by copying its bytes.
private struct Weak {
  weak var object: Counted?
  var padding = (1, 2, 3, 4, 5)
}

@Suite(.bounded) struct ChannelTests {
  @Test(arguments: [0, 1, 3, 4, 100, .max])
  func elementsArriveInTheOrderInWhichTheyWereSent(_ capacity: Int) throws {
    try onHub {
      let channel = Channel<Int>(capacity: capacity)
      Fiber.spawn {
        for number in 0..<1000 {
          try channel.send(number)
          if number % 7 == 0 { Fiber.yield() }
        }
        channel.close()
      }
      var received: [Int] = []
      for number in channel {
        received.append(number)
        if number % 11 == 0 { Fiber.yield() }
      }
      #expect(received == Array(0..<1000))
    }
  }

  @Test func withoutACapacityASenderWaitsForItsReceiver() throws {
    try onHub {
      let channel = Channel<String>()
      var events: [String] = []
      let sender = Fiber.spawn {
        try channel.send("a")
        events.append("sent")
      }
      settle()
      #expect(events.isEmpty && channel.count == 0)
      let received = try channel.receive()
      #expect(received == "a")
      try sender.value
      #expect(events == ["sent"])
    }
  }

  @Test func withACapacitySoManyAreSentBeforeOneIsReceived() throws {
    try onHub {
      let channel = Channel<Int>(capacity: 3)
      var sent = 0
      let sender = Fiber.spawn {
        for number in 0..<5 {
          try channel.send(number)
          sent += 1
        }
      }
      settle()
      #expect(sent == 3 && channel.count == 3)
      _ = try channel.receive()
      settle()
      #expect(sent == 4 && channel.count == 3)
      for expected in 1..<5 {
        let received = try channel.receive()
        #expect(received == expected)
      }
      try sender.value
    }
  }

  @Test func tryNeverWaits() throws {
    let channel = Channel<Int>(capacity: 1)
    #expect(channel.tryReceive() == nil)
    let first = try channel.trySend(1)
    let second = try channel.trySend(2)
    #expect(first && !second)
    #expect(channel.tryReceive() == 1)
    let unbuffered = Channel<Int>()
    let third = try unbuffered.trySend(1)
    #expect(!third)
    try onHub {
      let receiver = Fiber.spawn { try unbuffered.receive() }
      settle()
      let fourth = try unbuffered.trySend(7)
      let value = try receiver.value
      #expect(fourth && value == 7)
      let sender = Fiber.spawn { try unbuffered.send(8) }
      settle()
      #expect(unbuffered.tryReceive() == 8)
      try sender.value
    }
  }

  // MARK: Closing

  @Test(arguments: [0, 2, .max])
  func aClosedChannelIsDrainedAndThenGivesNothing(_ capacity: Int) throws {
    let channel = Channel<Int>(capacity: capacity)
    var sent = 0
    while sent < 5, try channel.trySend(sent) { sent += 1 }
    channel.close()
    channel.close()
    #expect(channel.isClosed && channel.count == sent)
    #expect(throws: ChannelClosed()) { try channel.send(9) }
    #expect(throws: ChannelClosed()) { try channel.trySend(9) }
    for expected in 0..<sent {
      let received = try channel.receive()
      #expect(received == expected)
    }
    let end = try channel.receive()
    #expect(end == nil && channel.tryReceive() == nil)
  }

  @Test func closingWakesThoseWhoWait() throws {
    try onHub {
      let channel = Channel<Int>()
      let receivers = (0..<3).map { _ in Fiber.spawn { try channel.receive() } }
      settle()
      channel.close()
      for receiver in receivers {
        let received = try receiver.value
        #expect(received == nil)
      }
      let full = Channel<Int>(capacity: 1)
      try full.send(1)
      let senders = (0..<3).map { number in Fiber.spawn { try full.send(number) } }
      settle()
      full.close()
      for sender in senders { #expect(throws: ChannelClosed()) { try sender.value } }
      #expect(Array(full) == [1])
    }
  }

  @Test func aReceiverThatHasItsElementIsNotToldOfTheClosing() throws {
    try onHub {
      let channel = Channel<Int>()
      let receiver = Fiber.spawn { try channel.receive() }
      settle()
      try channel.send(5)
      channel.close()
      let received = try receiver.value
      #expect(received == 5)
    }
  }

  // MARK: What happens to the elements

  @Test(arguments: [0, 1, 4, .max])
  func everyElementIsReleasedOnce(_ capacity: Int) throws {
    let alive = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    alive.pointee = 0
    defer { alive.deallocate() }
    try onHub {
      let channel = Channel<Counted>(capacity: capacity)
      let sender = Fiber.spawn { for number in 0..<100 { try channel.send(Counted(number, alive)) } }
      for expected in 0..<50 {
        let received = try channel.receive()
        #expect(received?.number == expected)
      }
      settle()
      sender.cancel()
      try sender.join()
      let late = Fiber.spawn { try channel.send(Counted(-1, alive), until: .after(.milliseconds(2))) }
      try late.join()
      _ = try? late.value
      #expect(alive.pointee == channel.count)
    }
    #expect(alive.pointee == 0, "what the channel still held went with it")
  }

  @Test(arguments: [0, 1, 5])
  func elementsOfAnyKindAreMovedProperly(_ capacity: Int) throws {
    let alive = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    alive.pointee = 0
    defer { alive.deallocate() }
    try onHub {
      let object = Counted(42, alive)
      let weak = Channel<Weak>(capacity: capacity)
      let strings = Channel<String>(capacity: capacity)
      let nothing = Channel<Void>(capacity: capacity)
      let optional = Channel<Int?>(capacity: capacity)
      let large = Channel<(String, [Int], Weak, Double)>(capacity: capacity)
      Fiber.spawn {
        for number in 0..<20 {
          try weak.send(Weak(object: object))
          try strings.send(String(repeating: "x", count: number))
          try nothing.send(())
          try optional.send(number % 2 == 0 ? nil : number)
          try large.send(("\(number)", [number], Weak(object: object), 1.5))
        }
        optional.close()
      }
      for number in 0..<20 {
        let reference = try weak.receive()!
        #expect(reference.object === object && reference.padding.4 == 5)
        let string = try strings.receive()
        #expect(string?.count == number)
        let void: Void? = try nothing.receive()
        #expect(void != nil)
        let value = try optional.receive()
        #expect(value == .some(number % 2 == 0 ? nil : number))
        let (text, list, inner, double) = try large.receive()!
        #expect(text == "\(number)" && list == [number] && inner.object === object && double == 1.5)
      }
      let end = try optional.receive()
      #expect(end == .none)
    }
    #expect(alive.pointee == 0)
  }

  @Test func aBufferGrowsInTheMiddleOfItsRing() throws {
    let channel = Channel<String>(capacity: .max)
    var (sent, received) = (0, 0)
    for round in 1..<200 {
      for _ in 0..<round % 13 {
        try channel.send("\(sent)")
        sent += 1
      }
      for _ in 0..<min(round % 11, sent - received) {
        #expect(channel.tryReceive() == "\(received)")
        received += 1
      }
      #expect(channel.count == sent - received)
    }
  }

  // MARK: Turns

  @Test func aFiberThatNeverHasToWaitLetsTheOthersRun() throws {
    try onHub {
      let channel = Channel<Int>(capacity: .max)
      var isOver = false
      let other = Fiber.spawn { isOver = true }
      var sent = 0
      while !isOver {
        try channel.send(sent)
        sent += 1
        if sent > 100_000 { break }
      }
      #expect(sent < 1000)
      try other.value
    }
  }

  @Test func aLoopEndsWhenItsFiberIsCancelled() throws {
    try onHub {
      let channel = Channel<Int>()
      let loop = Fiber.spawn {
        for _ in channel {}
        try Fiber.checkCancellation()
      }
      settle()
      loop.cancel()
      #expect(throws: CancellationError.self) { try loop.value }
    }
  }

  @Test func threadsShareOneWithTheFibersOfAHub() throws {
    let channel = Channel<Int>(capacity: 10), answers = Channel<Int>()
    let total = Mutex(0)
    try inParallel([
      {
        try onHub {
          let fibers = (0..<20).map { _ in
            Fiber.spawn { for number in channel { try answers.send(number * 2) } }
          }
          for fiber in fibers { try fiber.value }
          answers.close()
        }
      },
      {
        for number in 1...5000 { try channel.send(number) }
        channel.close()
      },
      { for answer in answers { total.withLock { $0 += answer } } },
      { for answer in answers { total.withLock { $0 += answer } } },
    ])
    #expect(total.withLock { $0 } == 5000 * 5001)
  }
}
