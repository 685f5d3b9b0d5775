import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@testable import GreenWebSocket

/// Two sides, over a pair of sockets.
@Suite(.bounded) struct ConversationTests {
  /// Calls `body` with a client whose server sends back what it receives.
  private func echoing(
    _ compression: WebSocketCompression? = nil, _ configuration: WebSocketConfiguration = WebSocketConfiguration(),
    isVirtual: Bool = false, _ body: @escaping (WebSocket) throws -> Void
  ) throws {
    let talk = {
      let (near, far) = try Socket.pair()
      let agreed = compression.map {
        AgreedCompression(
          compression: $0, sendsWithContext: $0.keepsContext, receivesWithContext: $0.keepsContext)
      }
      let server = Fiber.spawn {
        let socket = WebSocket(far, isServer: true, compression: agreed, configuration: configuration)
        while let message = try socket.receive() { try socket.send(message) }
        far.close()
      }
      try body(WebSocket(near, isServer: false, compression: agreed, configuration: configuration))
      near.close()
      try server.value
    }
    try isVirtual ? onVirtualHub(talk) : onHub(talk)
  }

  @Test(arguments: [nil, WebSocketCompression(threshold: 0), WebSocketCompression(threshold: 0, keepsContext: true)])
  func messagesOfAllLengthsComeBack(compression: WebSocketCompression?) throws {
    try echoing(compression) { socket in
      for count in [0, 1, 2, 125, 126, 1000, 65_535, 65_536, 300_000] {
        let message = WebSocketMessage.binary((0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) })
        let words = WebSocketMessage.text(String(repeating: "grün ", count: count / 6))
        for message in [message, words, words] {
          let sender = Fiber.spawn { try socket.send(message) }
          try #expect(socket.receive() == message)
          try sender.value
        }
      }
      socket.close(.normal, reason: "done")
      #expect(socket.closeCode == .normal)
    }
  }

  @Test func aMessageThatGrowsWhenDecompressedIsBounded() throws {
    var configuration = WebSocketConfiguration()
    configuration.maximumMessage = 100_000
    let compression = WebSocketCompression(threshold: 0)
    try onHub {
      let (near, far) = try Socket.pair()
      let agreed = AgreedCompression(compression: compression, sendsWithContext: false, receivesWithContext: false)
      let server = WebSocket(far, isServer: true, compression: agreed, configuration: configuration)
      let client = WebSocket(near, isServer: false, compression: agreed)
      try client.send([UInt8](repeating: 0, count: 10_000_000))
      let error = #expect(throws: WebSocketError.self) { try server.receive() }
      #expect(error?.code == .messageTooBig)
      try #expect(client.receive() == nil)
      #expect(client.closeCode == .messageTooBig)
    }
  }

  @Test func manyFibersSendAndEachMessageStaysWhole() throws {
    try echoing { socket in
      let senders = (0..<50).map { index in
        Fiber.spawn {
          for _ in 0..<20 { try socket.send([UInt8](repeating: UInt8(index), count: 5000)) }
        }
      }
      var counts: [UInt8: Int] = [:]
      for _ in 0..<1000 {
        guard case .binary(let bytes)? = try socket.receive() else { break }
        #expect(bytes.count == 5000 && Set(bytes).count == 1)
        counts[bytes[0], default: 0] += 1
      }
      for sender in senders { try sender.value }
      #expect(counts.count == 50 && counts.values.allSatisfy { $0 == 20 })
      socket.close()
    }
  }

  @Test func whoHasClosedSendsNothingMore() throws {
    try echoing { socket in
      socket.close(.goingAway)
      #expect(throws: Errno.brokenPipe) { try socket.send("late") }
      try #expect(socket.receive() == nil)
      socket.close()
    }
  }

  @Test func onlyOneFiberReceives() throws {
    try echoing { socket in
      let first = Fiber.spawn { try socket.receive() }
      Fiber.yield()
      #expect(throws: WebSocketError.self) { try socket.receive() }
      try socket.send("for the first")
      try #expect(first.value == .text("for the first"))
      socket.close()
    }
  }

  @Test func aPeerThatIsSilentIsAskedAndThenGivenUp() throws {
    var configuration = WebSocketConfiguration()
    configuration.pingInterval = .milliseconds(50)
    try onHub {
      let (near, far) = try Socket.pair()
      let socket = WebSocket(near, isServer: true, configuration: configuration)
      let error = #expect(throws: WebSocketError.self) { try socket.receive() }
      #expect(error?.code == .policyViolation)
      var sent = [UInt8](repeating: 0, count: 100)
      let count = try sent.withUnsafeMutableBytes { try far.receive(into: $0) }
      #expect(Array(sent[..<min(3, count)]) == [0x89, 0, 0x88], "a ping, then a close")
    }
  }

  @Test func aPeerThatAnswersPingsIsKept() throws {
    var configuration = WebSocketConfiguration()
    configuration.pingInterval = .seconds(20)
    try echoing(nil, configuration, isVirtual: true) { socket in
      #expect(throws: Errno.timedOut) { try socket.receive(until: .after(.seconds(200))) }
      try socket.send("still there")
      try #expect(socket.receive() == .text("still there"))
      socket.close()
    }
  }

  @Test func aDeadlineLosesNothing() throws {
    try onHub {
      let (near, far) = try Socket.pair()
      let socket = WebSocket(near, isServer: true)
      let bytes = text("whole")
      try Array(bytes[..<7]).withUnsafeBytes { try far.send($0) }
      #expect(throws: Errno.timedOut) { try socket.receive(until: .after(.milliseconds(5))) }
      try Array(bytes[7...]).withUnsafeBytes { try far.send($0) }
      try #expect(socket.receive() == .text("whole"))
    }
  }

  @Test func aPeerThatIsGoneIsToldApart() throws {
    try onHub {
      let (near, far) = try Socket.pair()
      let socket = WebSocket(near, isServer: true)
      far.close()
      try #expect(socket.receive() == nil)
      #expect(socket.closeCode == .abnormal)
    }
  }

  @Test(arguments: [true, false])
  func whoClosesWaitsForNobodyWhoPingsForEver(isReceiving: Bool) throws {
    var configuration = WebSocketConfiguration()
    configuration.closeDeadline = .milliseconds(100)
    try onHub {
      let (near, far) = try Socket.pair()
      let socket = WebSocket(near, isServer: true, configuration: configuration)
      let peer = Fiber.spawn {
        let many = Array(repeatElement(frame(9, [1]), count: 1000).joined())
        while (try? many.withUnsafeBytes { try far.send($0) }) != nil { Fiber.yield() }
      }
      // Takes what is sent, so that the pongs do not end it.
      let drain = Fiber.spawn {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while let count = try? bytes.withUnsafeMutableBytes({ try far.receive(into: $0) }), count > 0 {}
      }
      let receiver = isReceiving ? Fiber.spawn { _ = try? socket.receive() } : nil
      Fiber.yield()
      socket.close()
      #expect(socket.closeCode == .abnormal)
      try receiver?.join()
      near.close()
      far.close()
      try peer.join()
      try drain.join()
    }
  }

  @Test func bothSidesSendMuchAndPingMeanwhile() throws {
    try onHub {
      let (near, far) = try Socket.pair()
      let sides = [WebSocket(near, isServer: true), WebSocket(far, isServer: false)]
      let senders = sides.map { side in
        Fiber.spawn {
          for _ in 0..<20 {
            try side.ping([7])
            try side.send([UInt8](repeating: 1, count: 500_000))
          }
        }
      }
      let receivers = sides.map { side in
        Fiber.spawn {
          for _ in 0..<20 { try #expect(side.receive()?.count == 500_000) }
        }
      }
      for fiber in senders + receivers { try fiber.value }
    }
  }

  @Test func aCompressedMessageMayHaveSeveralLastBlocks() throws {
    // "ab" and "cd", each as one block of stored bytes with the flag of a last one (RFC 1951, 3.2.4).
    let block = { (text: String) -> [UInt8] in [1, 2, 0, 0xfd, 0xff] + Array(text.utf8) }
    let compression = WebSocketCompression()
    for payload in [block("ab") + block("cd"), block("ab") + block("cd") + [0]] {
      for pieces in [Int.max, 1] {
        let stream = ScriptedStream(frame(1, payload, bits: 0x40), pieces: pieces)
        let agreed = AgreedCompression(compression: compression, sendsWithContext: false, receivesWithContext: false)
        var configuration = WebSocketConfiguration()
        configuration.maximumMessage = .max
        let socket = WebSocket(stream, isServer: true, compression: agreed, configuration: configuration)
        try #expect(socket.receive() == .text("abcd"))
      }
    }
  }
}
