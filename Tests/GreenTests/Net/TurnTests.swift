import Glibc
import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

/// Several fibers that use one direction of one descriptor.
@Suite(.bounded) struct TurnTests {
  @Test func severalReceiversGetWhatComesInTheOrderInWhichTheyAsked() throws {
    try onHub {
      let (client, server) = try connectedPair()
      var order: [String] = []
      let readers = (0..<5).map { index in
        Fiber.spawn { order.append("\(index)\(try receiveText(client, atMost: 1))") }
      }
      Fiber.yield()
      for letter in ["a", "b", "c", "d", "e"] {
        try sendText(server, letter)
        try Fiber.sleep(for: .milliseconds(1))
      }
      for reader in readers { try reader.value }
      #expect(order == ["0a", "1b", "2c", "3d", "4e"])
    }
  }

  @Test func whoComesLaterDoesNotTakeWhatIsThereForWhoWaits() throws {
    try onHub {
      let (client, server) = try connectedPair()
      let first = Fiber.spawn { try receiveText(client, atMost: 1) }
      Fiber.yield()
      try sendText(server, "ab")
      // What has come is not seen by the loop yet, and this receive could have it at once.
      #expect(try receiveText(client, atMost: 1) == "b")
      #expect(try first.value == "a")
    }
  }

  @Test func oneSenderAfterAnotherEachWhole() throws {
    try onHub {
      let (client, server) = try connectedPair()
      let size = 3 << 20
      let senders = (0..<4).map { index in
        Fiber.spawn {
          let bytes = [UInt8](repeating: UInt8(index), count: size)
          try bytes.withUnsafeBytes { try client.send($0) }
        }
      }
      Fiber.yield()
      let all = try receiveAll(server, atMost: 4 * size)
      for index in 0..<4 { #expect(all[index * size..<(index + 1) * size].allSatisfy { $0 == UInt8(index) }) }
      for sender in senders { try sender.value }
    }
  }

  @Test func ofSeveralWhoWaitOneMayGiveUp() throws {
    try onHub {
      let (client, server) = try connectedPair()
      let first = Fiber.spawn { try receiveText(client, until: .after(.milliseconds(20))) }
      let second = Fiber.spawn { try receiveText(client, until: .after(.milliseconds(40))) }
      let third = Fiber.spawn { try receiveText(client) }
      #expect(throws: Errno.timedOut) { try first.value }
      #expect(throws: Errno.timedOut) { try second.value }
      try sendText(server, "for the third")
      #expect(try third.value == "for the third")
    }
  }

  @Test func ofSeveralWhoWaitToSendOneMayGiveUp() throws {
    try onHub {
      let (client, server) = try connectedPair()
      let big = [UInt8](repeating: 1, count: 8 << 20)
      let first = Fiber.spawn { try big.withUnsafeBytes { try client.send($0) } }
      let second = Fiber.spawn {
        try big.withUnsafeBytes { try client.send($0, until: .after(.milliseconds(20))) }
      }
      let third = Fiber.spawn { try sendText(client, "end") }
      #expect(throws: Errno.timedOut) { try second.value }
      let all = try receiveAll(server, atMost: big.count + 3)
      #expect(Array(all[big.count...]) == Array("end".utf8))
      try first.value
      try third.value
    }
  }

  @Test func readingAndWritingAtOnceDoNotDisturbEachOther() throws {
    try onHub {
      let (one, other) = try Socket.pair()
      let size = 2 << 20
      let bytes = [UInt8](repeating: 9, count: size)
      let fibers = [(one, other), (other, one)].flatMap { from, to in
        [
          Fiber.spawn { try bytes.withUnsafeBytes { try from.send($0) } },
          Fiber.spawn {
            let count = try receiveAll(to, atMost: size).count
            #expect(count == size)
          },
        ]
      }
      for fiber in fibers { try fiber.value }
    }
  }

  @Test func twoSocketsOnCopiesOfOneDescriptor() throws {
    try onHub {
      let (client, server) = try connectedPair()
      let copy = Socket(adopting: dup(client.descriptor), peer: client.peer)
      let waiting = [client, copy].map { socket in Fiber.spawn { try receiveText(socket, atMost: 1) } }
      Fiber.yield()
      try sendText(server, "xy")
      #expect(Set(try waiting.map { try $0.value }) == ["x", "y"])

      // Closing one leaves the other open, and who waits on it waiting.
      let onCopy = Fiber.spawn { try receiveText(copy) }
      let onClient = Fiber.spawn { try receiveText(client) }
      Fiber.yield()
      client.close()
      #expect(throws: Errno.badFileDescriptor) { try onClient.value }
      for round in 0..<3 {
        try sendText(server, "round \(round)")
        #expect(try round == 0 ? onCopy.value == "round 0" : receiveText(copy) == "round \(round)")
      }
      copy.close()
      #expect(try receiveText(server) == "")
    }
  }

  @Test func twoObjectsOnOneDescriptorQueueInTheHub() throws {
    try onHub {
      let (client, server) = try connectedPair()
      let order = Fiber.spawn {
        try Readiness.wait(for: client.descriptor, .read)
        return try receiveText(client, atMost: 1)
      }
      Fiber.yield()
      let second = Fiber.spawn { try Readiness.wait(for: client.descriptor, .read, until: .after(.seconds(20))) }
      Fiber.yield()
      try sendText(server, "1")
      #expect(try order.value == "1")
      #expect(!second.isFinished)
      try sendText(server, "2")
      try second.value
    }
  }
}
