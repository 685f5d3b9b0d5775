import Green
import GreenHTTP
import HTTPTypes
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

/// Events: HTML standard, 9.2.
@Suite(.bounded) struct EventStreamTests {
  private func sent(_ request: String = "", _ write: @escaping @Sendable (EventWriter) throws -> Void) -> Answer {
    let stream = ScriptedStream("GET / HTTP/1.0\r\n\(request)\r\n")
    HTTPConnection(stream: stream, application: Handler { EventStream(write).response(for: $0) }).serve()
    var answer = Answer.all(in: stream.sent)
    let body = answer.count > 1 ? answer.removeLast().body : ""
    answer[0].body = body
    return answer[0]
  }

  @Test func eachLineOfTheContentIsALineOfTheEvent() {
    let answer = sent { events in
      try events.send("one")
      try events.send("a\nb\r\nc\rd\n", event: "kind", id: "7")
      try events.send("", retry: .seconds(3))
      try events.comment("x\ny")
    }
    #expect(
      answer.body == "data: one\n\nevent: kind\nid: 7\ndata: a\ndata: b\ndata: c\ndata: d\ndata: \n\n"
        + "retry: 3000\ndata: \n\n: x\n: y\n\n")
    #expect(answer["Content-Type"] == ["text/event-stream"] && answer["Cache-Control"] == ["no-cache"])
  }

  @Test(arguments: ["a\nb", "a\rdata: b", "a\0", "\n"])
  func aKindOrAnIdIsOneLine(_ text: String) {
    let body = sent { events in
      #expect(throws: EventError.self) { try events.send("x", event: text) }
      #expect(throws: EventError.self) { try events.send("x", id: text) }
    }.body
    #expect(body == "")
  }

  @Test func whoComesBackSaysWhatItHasHad() {
    #expect(sent("Last-Event-ID: 41\r\n") { try $0.send($0.lastEventID ?? "none") }.body == "data: 41\n\n")
    #expect(sent { try $0.send($0.lastEventID ?? "none") }.body == "data: none\n\n")
  }

  /// A client and a connection that is served in a fiber.
  private func serve(
    _ stream: EventStream, observer: Recorder = Recorder(), _ client: (Socket) throws -> Void
  ) throws {
    let (near, far) = try Socket.pair()
    let handler = Handler { stream.response(for: $0) }
    let serving = Fiber.spawn {
      HTTPConnection(stream: near, application: handler, observer: observer).serve()
      near.close()
    }
    try Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8).withUnsafeBytes { try far.send($0) }
    try client(far)
    try serving.value
  }

  private func read(_ socket: Socket, until end: String) throws -> String {
    var text = ""
    var room = [UInt8](repeating: 0, count: 4096)
    while !text.hasSuffix(end) {
      let count = try room.withUnsafeMutableBytes { try socket.receive(into: $0, until: .after(.seconds(60))) }
      if count == 0 { break }
      text += String(decoding: room[..<count], as: UTF8.self)
    }
    return text
  }

  @Test func anEventLeavesWhenTheNextIsWaitedFor() throws {
    try onHub {
      let more = Semaphore(0)
      let stream = EventStream { events in
        for number in 0..<3 {
          try events.send("\(number)")
          try more.wait()
        }
      }
      try serve(stream) { socket in
        for number in 0..<3 {
          let text = try read(socket, until: "data: \(number)\n\n\r\n")
          #expect(text.hasSuffix("data: \(number)\n\n\r\n"))
          more.signal()
        }
        socket.shutdown(1)
      }
    }
  }

  @Test func whereNothingIsSentACommentIs() throws {
    try onHub {
      let stream = EventStream(heartbeat: .milliseconds(20)) { _ in try Fiber.sleep(for: .seconds(100)) }
      try serve(stream) { socket in
        let text = try read(socket, until: "4\r\n: \n\n\r\n4\r\n: \n\n\r\n")
        #expect(text.contains("\r\n\r\n4\r\n: \n\n\r\n"))
        socket.close()
      }
    }
  }

  @Test func aClientThatHasGoneEndsTheFunctionWhateverItWaitsFor() throws {
    try onHub {
      let recorder = Recorder()
      let ended = Event()
      let stream = EventStream { events in
        defer { ended.set() }
        try events.send("first")
        try Fiber.sleep(for: .seconds(100))
      }
      try serve(stream, observer: recorder) { socket in
        _ = try read(socket, until: "data: first\n\n\r\n")
        socket.close()
        try ended.wait(until: .after(.seconds(60)))
      }
      #expect(!recorder.events.contains { $0.hasPrefix("failed") })
    }
  }

  @Test func theNextRequestsBytesAreNotTakenForAnEnd() throws {
    try onHub {
      let stream = EventStream { events in
        try events.send("first")
        try Fiber.sleep(for: .milliseconds(50))
        try events.send("second")
      }
      try serve(stream) { socket in
        try Array("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8).withUnsafeBytes { try socket.send($0) }
        let text = try read(socket, until: "never")
        #expect(text.ranges(of: "data: second").count == 2)
      }
    }
  }
}
