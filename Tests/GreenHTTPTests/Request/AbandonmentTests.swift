import Green
import GreenHTTP
import SuiteSupport
import TestSupport
import Testing

/// Clients that go away before their answer is there.
@Suite(.bounded) struct AbandonmentTests {
  private func serve(
    _ observer: Recorder = Recorder(), _ handler: @escaping @Sendable (Request) throws -> Response,
    _ client: (Socket) throws -> Void
  ) throws {
    let (near, far) = try Socket.pair()
    let serving = Fiber.spawn {
      HTTPConnection(stream: near, application: Handler(handler), observer: observer).serve()
      near.close()
    }
    try Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8).withUnsafeBytes { try far.send($0) }
    try client(far)
    try serving.value
  }

  @Test func aHandlerLearnsThatItsClientHasGone() throws {
    try onHub {
      let (begun, gone) = (Event(), Event())
      try serve { request in
        #expect(!request.isAbandoned)
        begun.set()
        try gone.wait()
        #expect(request.isAbandoned)
        return Response("")
      } _: { socket in
        try begun.wait()
        socket.close()
        gone.set()
      }
    }
  }

  @Test func whoAsksForItIsCancelledAndThatIsNoFailure() throws {
    try onHub {
      let begun = Event()
      let recorder = Recorder()
      try serve(recorder) { request in
        try request.cancelledWhenAbandoned {
          begun.set()
          try Fiber.sleep(for: .seconds(100))
        }
        return Response("")
      } _: { socket in
        try begun.wait()
        socket.close()
      }
      #expect(!recorder.events.contains { $0.hasPrefix("failed") })
    }
  }

  @Test func aRequestThatIsWaitedForIsNotCancelled() throws {
    try onHub {
      try serve { request in
        try request.cancelledWhenAbandoned { try Fiber.sleep(for: .milliseconds(20)) }
        return Response("done")
      } _: { socket in
        // More bytes are no end.
        try Array("GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8).withUnsafeBytes {
          try socket.send($0)
        }
        var text = ""
        var room = [UInt8](repeating: 0, count: 4096)
        while case let count = try room.withUnsafeMutableBytes({
          try socket.receive(into: $0, until: .after(.seconds(60)))
        }),
          count > 0
        { text += String(decoding: room[..<count], as: UTF8.self) }
        #expect(text.ranges(of: "done").count == 2)
      }
    }
  }

  /// Whatever of the request is read then: its body before the answer is begun, or while it is made.
  @Test(arguments: ["Content-Length: 1000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n3e8\r\n"], [false, true])
  func whoGoesInTheMiddleOfTheBodyIsNoFailure(_ framing: String, isStreamed: Bool) throws {
    try onHub {
      let begun = Event()
      let handler = Handler { request in
        if isStreamed {
          return Response(
            body: .stream(
              StreamedBody { body in
                begun.set()
                try body.write(try request.body.bytes())
              }))
        }
        begun.set()
        return Response(try request.body.bytes())
      }
      let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
      let client = try Socket.connect(to: listener.address!)
      let socket = try listener.accept()
      let recorder = Recorder()
      let serving = Fiber.spawn {
        HTTPConnection(stream: socket, application: handler, observer: recorder).serve()
        socket.close()
      }
      let sent = "POST / HTTP/1.1\r\nHost: a\r\n" + framing + "ten bytes."
      try Array(sent.utf8).withUnsafeBytes { try client.send($0) }
      try begun.wait()
      // The peer is sent a reset.
      try client.setOption(.linger, to: .zero)
      client.close()
      try serving.value
      #expect(!recorder.events.contains { $0.hasPrefix("failed") }, "\(recorder.events)")
    }
  }

  @Test func withoutAConnectionNobodyIsGone() throws {
    let request = try Request(.get, "/")
    #expect(!request.isAbandoned)
    #expect(try request.cancelledWhenAbandoned { 7 } == 7)
  }
}
