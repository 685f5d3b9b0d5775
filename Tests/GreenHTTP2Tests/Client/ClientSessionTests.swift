import Green
import GreenHTTP
import HTTPTypes
import SuiteSupport
import Testing

/// A client's side of a connection.
@Suite(.bounded) struct ClientSessionTests {
  private static let request = HTTPRequest(method: .get, scheme: "https", authority: "x", path: "/")
  private static var deadline: Deadline { .after(.seconds(60)) }

  /// RFC 9113, 6.8: the server may say so while nobody waits for anything of it.
  @Test func aConnectionThatTheServerHasLeftIsNotUsable() throws {
    try withClientSession { session, _, server in
      let stream = try session.begin(Self.request, hasBody: false)
      try server.answer(1, endsStream: true)
      _ = try stream.head(until: Self.deadline)
      #expect(session.isUsable)
      try server.send(Frame(type: Frame.ping, stream: 0, payload: [UInt8](repeating: 7, count: 8)).bytes)
      #expect(session.isUsable)
      try server.receive { $0.type == Frame.ping && $0.flags & Frame.acknowledged != 0 }
      try server.send(Frame(type: Frame.goAway, stream: 0, payload: Frame.number(1) + Frame.number(0)).bytes)
      #expect(!session.isUsable)
    }
  }

  /// Of a frame that is coming when its request is given up the rest comes all the same. The client's word for it may have to
  /// wait until the server takes more.
  @Test func whatComesOfARequestThatWasGivenUpIsNotInTheWayOfOthers() throws {
    try withClientSession { session, stream, server in
      let first = try session.begin(Self.request, hasBody: false)
      try server.answer(1, endsStream: true)
      _ = try first.head(until: Self.deadline)
      // Of so many the rest is more than half of what may be sent at once, 16 MB.
      let count = 550
      let requests = try (0..<count).map { _ in try session.begin(Self.request, hasBody: false) }
      let last = try session.begin(Self.request, hasBody: false)
      var heads = 0
      try server.receive { frame in
        if frame.type == Frame.headers { heads += 1 }
        return heads == count + 2
      }
      stream.gate.clear()
      let waiting = try session.begin(Self.request, hasBody: false)
      for (index, request) in requests.enumerated() {
        let number = UInt32(2 * index + 3)
        try server.answer(number)
        try server.send(Frame.head(length: 16_384, Frame.data, 0, number) + [1])
        let received = try withUnsafeTemporaryAllocation(byteCount: 16, alignment: 1) {
          try request.read(into: $0, until: Self.deadline)
        }
        #expect(received == 1)
        request.cancel()
        try server.send([UInt8](repeating: 1, count: 16_383))
      }
      try server.answer(UInt32(2 * count + 3), endsStream: true)
      #expect(try last.head(until: Self.deadline).status == .ok)
      stream.gate.set()
      try server.receive { $0.type == Frame.windowUpdate && $0.stream == 0 }
      waiting.cancel()
    }
  }
}
