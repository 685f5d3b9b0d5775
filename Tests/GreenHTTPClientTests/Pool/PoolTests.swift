import Green
import GreenHTTP
import GreenHTTPClient
import HTTPTypes
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@Suite(.bounded) struct PoolTests {
  /// Waits until it is so, or for a while: not as long as the servers here keep a connection.
  private func wait(until isSo: () -> Bool) throws {
    let end = Deadline.after(.seconds(60))
    while !isSo() && !end.hasPassed { try Fiber.sleep(for: .milliseconds(5)) }
  }

  @Test func aConnectionIsUsedAgain() throws {
    try onHub {
      try withServer(Handler { Response($0.remote) }) { url, server throws in
        let client = HTTPClient()
        let first = try client.get(url).text()
        for _ in 0..<10 { #expect(try client.get(url).text() == first) }
        #expect(server.openConnections == 1)
        // One whose content nobody reads, but all of which has come.
        _ = try client.get(url)
        #expect(try client.get(url).text() == first)
        client.closeConnections()
        #expect(try client.get(url).text() != first)
        #expect(try client.get(url, headers: [.connection: "close"]).status == .ok)
      }
    }
  }

  @Test func twoHundredFibersShareWhatThereMayBe() throws {
    try onHub {
      let counter = Guarded((now: 0, most: 0))
      let full = Event()
      let application = Handler { request in
        let now = counter.withLock {
          $0.now += 1
          $0.most = max($0.most, $0.now)
          return $0.now
        }
        // None of the first has ended before all are there.
        if now == 7 { full.set() }
        try full.wait(until: .after(.seconds(60)))
        try Fiber.sleep(for: .milliseconds(2))
        counter.withLock { $0.now -= 1 }
        return Response(request.target)
      }
      try withServer(application) { url, server throws in
        let client = client { $0.connectionsPerHost = 7 }
        let fibers = (0..<200).map { index in Fiber.spawn { try client.get("\(url)/\(index)").text() == "/\(index)" } }
        for fiber in fibers { #expect(try fiber.value) }
        #expect(counter.withLock { $0.most } == 7 && server.openConnections <= 7)
      }
    }
  }

  @Test func waitersGoInTheOrderInWhichTheyCame() throws {
    try onHub {
      try withServer(Handler { Response($0.target) }) { url, _ throws in
        let client = client { $0.connectionsPerHost = 1 }
        let first = try client.get(url + "/first")
        var order: [Int] = []
        let fibers = (0..<20).map { index in
          let fiber = Fiber.spawn {
            _ = try client.get(url).text()
            order.append(index)
          }
          Fiber.yield()
          return fiber
        }
        // One that gives up leaves no hole.
        fibers[3].cancel()
        _ = try first.text()
        for (index, fiber) in fibers.enumerated() where index != 3 { try fiber.value }
        #expect(order == (0..<20).filter { $0 != 3 })
      }
    }
  }

  @Test func thereAreNoMoreInAllThanThereMayBe() throws {
    try onHub {
      try withServer(Handler { _ in Response("a") }) { one, first throws in
        try withServer(Handler { _ in Response("b") }) { other, second throws in
          let client = client { $0.connections = 2 }
          for _ in 0..<3 {
            let fibers = (0..<30).map { index in
              Fiber.spawn { try client.get(index % 3 == 0 ? other : one).text() == (index % 3 == 0 ? "b" : "a") }
            }
            for fiber in fibers { #expect(try fiber.value) }
          }
          // The servers may not have heard yet of those that were closed.
          try wait { first.openConnections + second.openConnections <= 2 }
          #expect(first.openConnections + second.openConnections <= 2)
        }
      }
    }
  }

  @Test func whoWaitsTooLongForAConnectionIsTold() throws {
    try onHub {
      try withServer(Handler { _ in Response([UInt8](repeating: 1, count: 1 << 20)) }) { url, _ throws in
        let client = client {
          $0.connectionsPerHost = 1
          $0.queueTimeout = .milliseconds(30)
        }
        let held = try client.get(url)
        #expect(throws: HTTPClientError.timedOut(.queue)) { try client.get(url) }
        // An answer that is dropped unread is no longer in the way.
        withExtendedLifetime(held) {}
        _ = consume held
        #expect(try client.get(url).bytes().count == 1 << 20)
      }
    }
  }

  /// A server that closes each connection after its second answer, without saying so.
  private func withForgetfulServer(_ body: (String) throws -> Void) throws {
    try withRawServer(
      { connection in
        for _ in 0..<2 {
          let head = try connection.head()
          if head.isEmpty { return }
          try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(connection.number % 10)")
        }
      }, body)
  }

  @Test func aConnectionThatTheServerHasClosedIsNotUsed() throws {
    try onHub {
      try withForgetfulServer { url throws in
        let client = HTTPClient()
        for _ in 0..<20 {
          let status = try client.post(url, body: .text("x")).status
          #expect(status == .ok)
          try Fiber.sleep(for: .milliseconds(2))
        }
      }
    }
  }

  @Test func anIdempotentRequestIsRepeatedOnceWhereTheConnectionGoesMeanwhile() throws {
    try onHub {
      // The second request of each connection is read, and not answered.
      let asked = Guarded<[String]>([])
      try withRawServer({ connection in
        asked.withLock { $0.append("\(connection.number)") }
        try connection.head()
        try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        try connection.head()
      }) { url throws in
        let client = HTTPClient()
        #expect(try client.get(url).text() == "ok")
        #expect(try client.get(url).text() == "ok")
        #expect(try client.put(url, body: .text("")).text() == "ok")
        #expect(asked.withLock { $0 } == ["1", "2", "3"])
        #expect(throws: HTTPClientError.connectionClosed) { try client.post(url, body: .text("")) }
        #expect(try client.get(url).text() == "ok")
        #expect(throws: HTTPClientError.connectionClosed) { try client.put(url, body: .stream { try $0.write("x") }) }
      }
      // A fresh connection is not tried twice.
      let count = Guarded(0)
      try withRawServer({ connection in
        count.withLock { $0 += 1 }
        try connection.head()
      }) { url throws in
        #expect(throws: HTTPClientError.connectionClosed) { try client().get(url) }
        #expect(count.withLock { $0 } == 1)
      }
    }
  }

  @Test func aConnectionOfAgeIsClosed() throws {
    try onHub {
      try withServer(Handler { Response($0.remote) }) { url, _ throws in
        let client = client { $0.idleTimeout = .zero }
        let first = try client.get(url).text()
        try Fiber.sleep(for: .milliseconds(1_100))
        #expect(try client.get(url).text() != first)
      }
    }
  }

  @Test func aConnectionOfAgeIsClosedThoughNobodyUsesTheClientAnyMore() throws {
    try onHub {
      try withServer(Handler { Response($0.remote) }) { url, server throws in
        let client = client { $0.idleTimeout = .milliseconds(200) }
        var open = 0
        let fibers = (0..<3).map { _ in
          Fiber.spawn {
            let answer = try client.get(url)
            // At once, before it can have been closed.
            open = max(open, server.openConnections)
            _ = try answer.text()
          }
        }
        for fiber in fibers { try fiber.value }
        #expect(open > 0)
        try wait { server.openConnections == 0 }
        #expect(server.openConnections == 0)
        // And again, with another timer.
        _ = try client.get(url).text()
        try wait { server.openConnections == 0 }
        #expect(server.openConnections == 0)
      }
    }
  }

  @Test func threadsAndFibersShareAClient() throws {
    try onHub {
      try withServer(Handler { Response($0.target) }) { url, server throws in
        let client = client { $0.connectionsPerHost = 3 }
        let fibers = (0..<8).map { thread in
          Fiber.spawn {
            try offload {
              try (0..<20).allSatisfy { try client.get("\(url)/\(thread)/\($0)").text() == "/\(thread)/\($0)" }
            }
          }
        }
        for index in 0..<20 { #expect(try client.get("\(url)/\(index)").text() == "/\(index)") }
        for fiber in fibers { #expect(try fiber.value) }
        #expect(server.openConnections <= 3)
      }
    }
  }
}
