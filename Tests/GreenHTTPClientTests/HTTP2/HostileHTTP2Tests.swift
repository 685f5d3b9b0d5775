import Green
import GreenHTTPClient
import HTTPTypes
import SuiteSupport
import TestSupport
import Testing

/// Servers that break the rules of HTTP/2, or flood: a request ends with an error soon, and no client waits for its deadline.
@Suite(.bounded) struct HostileHTTP2Tests {
  typealias Raw = RawHTTP2

  /// Has a request answered by `script`, which is called with the stream, and expects an error that is not for being late.
  private func fails(_ name: String, _ script: @escaping (RawHTTP2, UInt32) throws -> Void) throws {
    try onHub {
      try withRawHTTP2Server({ connection in
        let stream = try connection.request()
        try script(connection, stream)
        try connection.awaitEnd()
      }) { url, client throws in
        let error = #expect(throws: (any Error).self) {
          try client.send(HTTPClientRequest(.post, url, body: .text("x")), until: .after(.seconds(60))).bytes()
        }
        let isLate = [.timedOut(.response), .timedOut(.body)].contains(error as? HTTPClientError)
        #expect(!isLate, "\(name)")
      }
    }
  }

  @Test func resetsWithoutEnd() throws {
    try fails("resets") { connection, stream in
      let flood = [[UInt8]](repeating: Raw.frame(Raw.reset, 0, stream, Raw.bytes(8)), count: 1000).flatMap(\.self)
      for _ in 0..<100 { try connection.send(flood) }
    }
  }

  @Test func settingsWithoutEnd() throws {
    try fails("settings") { connection, _ in
      let setting = Raw.frame(Raw.settings, 0, 0, [0, 3, 0, 0, 0, 100])
      let flood = [[UInt8]](repeating: setting, count: 1000).flatMap(\.self)
      for _ in 0..<1000 { try connection.send(flood) }
    }
  }

  @Test func pingsWithoutEnd() throws {
    try fails("pings") { connection, _ in
      let flood = [[UInt8]](repeating: Raw.frame(Raw.ping, 0, 0, Array(repeating: 7, count: 8)), count: 1000)
        .flatMap(\.self)
      for _ in 0..<1000 { try connection.send(flood) }
    }
  }

  @Test func aHeadWithoutEnd() throws {
    try fails("a head") { connection, stream in
      try connection.send(Raw.headers, 0, stream, Raw.ok)
      let piece = Array(repeating: Raw.literal("x", String(repeating: "a", count: 120)), count: 100).flatMap(\.self)
      for _ in 0..<10_000 { try connection.send(Raw.continuation, 0, stream, piece) }
    }
  }

  /// A field of 4,000 bytes that is remembered, and named again by a byte each: a head of 60 MB in 19 KB.
  @Test func aHeadThatIsABomb() throws {
    try fails("a bomb") { connection, stream in
      let count = 3_900
      let field: [UInt8] =
        [0x40, 1, 0x78, 0x7f, UInt8((count - 127) & 0x7f | 0x80), UInt8((count - 127) >> 7)]
        + [UInt8](repeating: 0x61, count: count)
      try connection.send(Raw.headers, 0, stream, Raw.ok + field)
      try connection.send(Raw.continuation, Raw.endHeaders, stream, [UInt8](repeating: 0xbe, count: 15_000))
    }
  }

  @Test func aWindowThatOverflows() throws {
    for onStream in [false, true] {
      try fails(onStream ? "the window of a stream" : "the window") { connection, stream in
        for _ in 0..<2 {
          try connection.send(Raw.windowUpdate, 0, onStream ? stream : 0, Raw.bytes(0x7fff_ffff))
        }
      }
    }
  }

  @Test func moreThanTheWindowHolds() throws {
    try fails("too much content") { connection, stream in
      try connection.send(Raw.headers, Raw.endHeaders, stream, Raw.ok)
      for _ in 0..<100 { try connection.send(Raw.data, 0, stream, [UInt8](repeating: 1, count: 16_384)) }
    }
  }

  @Test func whatNobodyAskedFor() throws {
    let frames: [[UInt8]] = [
      Raw.frame(Raw.push, Raw.endHeaders, 1, Raw.bytes(2) + [0x82]), Raw.frame(Raw.data, 0, 9, [1]),
      Raw.frame(Raw.headers, Raw.endHeaders, 2, Raw.ok), Raw.frame(Raw.continuation, Raw.endHeaders, 1, Raw.ok),
      Raw.frame(Raw.headers, Raw.endHeaders, 1, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
      Raw.frame(Raw.headers, Raw.endHeaders, 1, Raw.literal("Upper", "x")),
      Raw.frame(Raw.headers, Raw.endHeaders, 1, Raw.literal("x", "no status")), [0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1],
      Raw.frame(Raw.settings, 0, 0, [0, 4, 0xff, 0xff, 0xff, 0xff]), Raw.frame(Raw.settings, 0, 0, [1, 2, 3]),
      Raw.frame(Raw.ping, 0, 0, [1]), Raw.frame(Raw.windowUpdate, 0, 0, Raw.bytes(0)),
      Array("HTTP/1.1 200 OK\r\n\r\n".utf8),
    ]
    for frame in frames { try fails("\(frame.prefix(20))") { connection, _ in try connection.send(frame) } }
  }

  @Test func anEndMidwayIsToldAsOne() throws {
    try onHub {
      try withRawHTTP2Server({ connection in
        let stream = try connection.request()
        try connection.send(Raw.headers, Raw.endHeaders, stream, Raw.ok)
        try connection.send(Raw.data, 0, stream, [1, 2, 3])
        try connection.send(Raw.goAway, 0, 0, Raw.bytes(stream) + Raw.bytes(0))
      }) { url, client throws in
        let answer = try client.get(url)
        #expect(throws: HTTPClientError.truncated(received: 3, of: nil)) { try answer.bytes() }
      }
    }
  }

  /// RFC 9113, 8.7: whatever it is, and on a connection that is new, too.
  @Test(arguments: [true, false])
  func whatTheServerHasNotLookedAtIsSentAgain(isLeaving: Bool) throws {
    let asked = Guarded(0)
    /// Refuses all that is asked for on a connection.
    func refuse(_ connection: RawHTTP2) throws {
      while let stream = try? connection.request(), stream != 0 {
        asked.withLock { $0 += 1 }
        guard isLeaving else {
          try connection.send(Raw.reset, 0, stream, Raw.bytes(7))
          continue
        }
        try connection.send(Raw.goAway, 0, 0, Raw.bytes(0) + Raw.bytes(0))
        return try connection.awaitEnd()
      }
    }
    try onHub {
      try withRawHTTP2Server({ connection in
        if connection.number < 3 { return try refuse(connection) }
        try connection.answer(try connection.request(), "\(connection.number)")
        try connection.awaitEnd()
      }) { url, client throws in
        #expect(try client.post(url, body: .text("x")).text() == "3")
        #expect(asked.withLock { $0 } == (isLeaving ? 2 : 3), "once more on the same connection, where that stays")
      }
      // A body that is made once is sent once.
      asked.withLock { $0 = 0 }
      try withRawHTTP2Server({ connection in try refuse(connection) }) { url, client throws in
        #expect(throws: HTTPClientError.connectionClosed) { try client.post(url, body: .stream { try $0.write("x") }) }
        #expect(asked.withLock { $0 } == 1)
        client.closeConnections()
        #expect(throws: HTTPClientError.connectionClosed) { try client.post(url, body: .text("x")) }
        #expect(asked.withLock { $0 } == 5, "not for ever")
      }
    }
  }

  /// RFC 9113, 6.8: what the server has not looked at is asked on another connection, and what it has is answered.
  @Test func aServerThatLeavesIsLeft() throws {
    try onHub {
      try withRawHTTP2Server({ connection in
        let first = try connection.request()
        if connection.number == 1 {
          try connection.answer(first, "1")
          _ = try connection.request()
          try connection.send(Raw.goAway, 0, 0, Raw.bytes(first) + Raw.bytes(0))
          try connection.awaitEnd()
        } else {
          try connection.send(Raw.goAway, 0, 0, Raw.bytes(first) + Raw.bytes(0))
          try connection.answer(first, "\(connection.number)")
          try connection.awaitEnd()
        }
      }) { url, client throws in
        #expect(try client.get(url).text() == "1")
        #expect(try client.get(url).text() == "2", "asked again on another connection")
        #expect(try client.get(url).text() == "3", "not asked on one that the server is about to leave")
      }
    }
  }
}
