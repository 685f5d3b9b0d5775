import Green
public import GreenHTTP
public import GreenTesting
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

extension MemoryStream {
  fileprivate func text(atMost count: Int = 1000, until deadline: Deadline = .never) throws -> String {
    var bytes = [UInt8](repeating: 0, count: count)
    let received = try bytes.withUnsafeMutableBytes { try receive(into: $0, until: deadline) }
    return String(decoding: bytes[..<received], as: UTF8.self)
  }

  fileprivate func rest() throws -> String {
    var all = ""
    while case let text = try text(), text != "" { all += text }
    return all
  }

  fileprivate func send(_ text: String, until deadline: Deadline = .never) throws {
    try Array(text.utf8).withUnsafeBytes { try send($0, until: deadline) }
  }
}

@Suite(.bounded) struct MemoryStreamTests {
  @Test func whatIsSentArrivesInOrderHoweverRoughTheWay() throws {
    let message = (0..<2000).map { "\($0) " }.joined()
    try TestHub.explore(seeds: 20) {
      let (client, server) = MemoryStream.pair(.rough)
      let reader = Fiber.spawn { try server.rest() }
      try client.send(message)
      client.finishSending()
      try #require(try reader.value == message)
    }
  }

  @Test func delaysPassInVirtualTime() throws {
    try TestHub.run {
      let (client, server) = MemoryStream.pair(StreamConditions(delay: .seconds(60) ... .seconds(60)))
      try client.send("late")
      #expect(throws: Errno.timedOut) { try server.text(until: .after(.seconds(59))) }
      #expect(try server.text() == "late")
      #expect(TestHub.elapsed == .seconds(60))
    }
  }

  @Test func whatArrivesAtTheDeadlineCounts() throws {
    try TestHub.run {
      let (client, server) = MemoryStream.pair(StreamConditions(delay: .seconds(1) ... .seconds(1)))
      try client.send("just")
      #expect(try server.text(until: .after(.seconds(1))) == "just")
    }
  }

  @Test func receivesAreShort() throws {
    try TestHub.run {
      let (client, server) = MemoryStream.pair(StreamConditions(longestReceive: 3))
      try client.send("some thirty bytes, or a few more")
      client.finishSending()
      var sizes: [Int] = []
      while case let text = try server.text(), text != "" { sizes.append(text.utf8.count) }
      #expect(sizes.reduce(0, +) == 32 && sizes.max()! <= 3)
    }
  }

  @Test func theSenderWaitsForRoom() throws {
    try TestHub.run {
      let (client, server) = MemoryStream.pair(StreamConditions(capacity: 10))
      #expect(throws: Errno.timedOut) { try client.send("more than ten bytes", until: .after(.seconds(5))) }
      #expect(try server.text() == "more than ")
      let sender = Fiber.spawn { try client.send("again more than ten") }
      var all = ""
      while all.utf8.count < 19 { all += try server.text() }
      #expect(all == "again more than ten")
      try sender.value
    }
  }

  @Test func theEndComesBehindWhatIsUnderWay() throws {
    try TestHub.run {
      let (client, server) = MemoryStream.pair(.rough)
      try client.send("goodbye")
      client.close()
      #expect(try server.rest() == "goodbye")
      #expect(throws: Errno.brokenPipe) { try server.send("anybody?") }
      #expect(throws: Errno.badFileDescriptor) { try client.text() }
    }
  }

  @Test func aResetEndsBothDirectionsAndWhoeverWaits() throws {
    try TestHub.run {
      let (client, server) = MemoryStream.pair()
      let waiting = [client, server].map { end in Fiber.spawn { try end.text() } }
      try Fiber.sleep(for: .seconds(1))
      client.reset()
      for fiber in waiting { #expect(throws: Errno.connectionReset) { try fiber.value } }
      #expect(throws: Errno.connectionReset) { try server.send("x") }
    }
  }

  @Test func closingWithUnreadBytesResets() throws {
    try TestHub.run {
      let (client, server) = MemoryStream.pair()
      try client.send("unread")
      server.close()
      #expect(throws: Errno.connectionReset) { try client.text() }
    }
  }

  @Test func resetsComeByChanceAndAreReplayed() throws {
    let body: () throws -> Int = {
      let (client, server) = MemoryStream.pair(StreamConditions(resetChance: 0.1))
      let reader = Fiber.spawn { _ = try server.rest() }
      var sent = 0
      do { while true { try client.send("x"); sent += 1 } } catch Errno.connectionReset {}
      #expect(throws: Errno.connectionReset) { try reader.value }
      return sent
    }
    let sent = try (0..<20).map { seed in try TestHub.run(seed: seed, body) }
    #expect(Set(sent).count > 3)
    #expect(try (0..<20).map { seed in try TestHub.run(seed: seed, body) } == sent)
  }

  @Test func cancellationAndScopesEndItsWaits() throws {
    try TestHub.run {
      let (client, server) = MemoryStream.pair()
      let waiting = Fiber.spawn { try server.text() }
      Fiber.yield()
      waiting.cancel()
      #expect(throws: CancellationError.self) { try waiting.value }
      #expect(throws: TimeoutError.self) { try withTimeout(.seconds(1)) { try server.text() } }
      try client.send("still here")
      #expect(try server.text() == "still here")
    }
  }

  @Test func itWorksBetweenThreads() throws {
    let (client, server) = MemoryStream.pair(StreamConditions(longestReceive: 7, capacity: 50))
    let message = (0..<5000).map { "\($0) " }.joined()
    try inParallel([
      {
        try client.send(message)
        client.finishSending()
      },
      {
        let all = try onHub { try server.rest() }; #expect(all == message)
      },
    ])
  }
}

@Suite(.bounded) struct MemoryNetworkTests {
  @Test func connectionsAreAcceptedInTheOrderInWhichTheyAreMade() throws {
    try TestHub.run {
      let network = MemoryNetwork()
      let listener = try network.listen(at: "server:80")
      let clients = try (0..<3).map { index in
        let stream = try network.connect(to: "server:80")
        try stream.send("\(index)")
        return stream
      }
      for index in 0..<3 { #expect(try listener.accept().text() == "\(index)") }
      #expect(clients.map(\.peerDescription) == ["server:80", "server:80", "server:80"])
    }
  }

  @Test func whereNobodyListensTheConnectionIsRefused() throws {
    try TestHub.run {
      let network = MemoryNetwork()
      #expect(throws: Errno.connectionRefused) { try network.connect(to: "nobody") }
      let listener = try network.listen(at: "somebody")
      #expect(throws: Errno.addressInUse) { try network.listen(at: "somebody") }
      let waiting = try network.connect(to: "somebody")
      listener.close()
      #expect(throws: Errno.connectionReset) { try waiting.text() }
      #expect(throws: Errno.badFileDescriptor) { try listener.accept() }
      #expect(throws: Errno.connectionRefused) { try network.connect(to: "somebody") }
    }
  }

  @Test func connectingTakesARoundTripAndWaitsForABacklog() throws {
    try TestHub.run {
      let network = MemoryNetwork(StreamConditions(delay: .seconds(1) ... .seconds(1)))
      let listener = try network.listen(at: "server", backlog: 1)
      let first = try network.connect(to: "server")
      #expect(TestHub.elapsed == .seconds(2))
      #expect(throws: Errno.timedOut) { try network.connect(to: "server", until: .after(.seconds(5))) }
      _ = try listener.accept()
      let second = try network.connect(to: "server")
      withExtendedLifetime((first, second)) {}
    }
  }
}

extension MemoryStream: HalfClosableByteStream {}

private struct Echo: Application {
  func respond(to request: Request) throws -> Response {
    Response(String(decoding: try request.body.bytes(), as: UTF8.self))
  }
}

@Suite(.bounded) struct MemoryHTTPTests {
  @Test func aServerAnswersOverAnyConnectionThatDoesNotBreak() throws {
    try TestHub.explore(seeds: 30) {
      let network = MemoryNetwork(.rough)
      let listener = try network.listen(at: "server:80")
      let server = Fiber.spawn {
        while true {
          let stream = try listener.accept()
          Fiber.spawn { HTTPConnection(stream: stream, application: Echo()).serve() }
        }
      }
      let clients = (0..<5).map { index in
        Fiber.spawn {
          let stream = try network.connect(to: "server:80")
          let body = String(repeating: "\(index)", count: 500)
          try stream.send("POST / HTTP/1.1\r\nHost: server\r\nConnection: close\r\nContent-Length: 500\r\n\r\n\(body)")
          let answer = try stream.rest()
          try #require(answer.hasPrefix("HTTP/1.1 200 ") && answer.hasSuffix(body))
        }
      }
      for client in clients { try client.value }
      server.cancel()
    }
  }
}
