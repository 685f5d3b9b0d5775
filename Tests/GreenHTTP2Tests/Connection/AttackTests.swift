import Green
import GreenHTTP
import SuiteSupport
import Synchronization
import TestSupport
import Testing

/// Clients that mean no good: what they make the server do ends, and is bounded until then.
@Suite(.bounded) struct AttackTests {
  /// Sends until the server ends the connection, or `most` times. Returns how often.
  private func flood(_ client: FrameClient, most: Int = 200_000, _ body: @escaping (Int) throws -> Void) throws -> Int {
    var sent = 0
    let sender = Fiber.spawn {
      // It ends when nobody takes any more.
      do { for number in 0..<most { try body(number); sent += 1 } } catch {}
    }
    while let frame = try client.receive() {
      if frame.type == Frame.goAway && frame.number(at: 4) != 0 { _ = try client.note(frame) }
    }
    client.socket.close()
    try sender.join()
    return sent
  }

  @Test func requestsThatAreTakenBackAtOnceEndTheConnection() throws {
    let began = Atomic(0)
    let waits = Handler { _ in
      began.add(1, ordering: .relaxed)
      try Fiber.sleep(for: .seconds(60))
      return Response("late")
    }
    try onHub {
      let client = try FrameClient(waits)
      let sent = try flood(client) { number in
        let stream = UInt32(2 * number + 1)
        try client.request(stream)
        try client.send(Frame.resetStream, 0, stream, [0, 0, 0, 8])
      }
      #expect(sent < 20_000, "\(sent)")
      _ = try client.server.value(until: .after(.seconds(120)))
      #expect(began.load(ordering: .relaxed) <= 2_000)
    }
  }

  @Test func requestsThatTheServerHasToTakeBackEndTheConnection() throws {
    // CVE-2025-8671: the client makes the server reset its own streams.
    try onHub {
      let client = try FrameClient(
        Handler { _ in
          try Fiber.sleep(for: .seconds(60))
          return Response("late")
        })
      let sent = try flood(client) { number in
        let stream = UInt32(2 * number + 1)
        try client.request(stream)
        try client.send(Frame.windowUpdate, 0, stream, [0, 0, 0, 0])
      }
      #expect(sent < 20_000, "\(sent)")
      _ = try client.server.value(until: .after(.seconds(120)))
    }
  }

  private static let floods: [(what: String, bytes: [UInt8])] = [
    ("PING", Frame(type: Frame.ping, stream: 0, payload: [UInt8](repeating: 0, count: 8)).bytes),
    ("SETTINGS", Frame(type: Frame.settings, stream: 0, payload: [0, 3, 0, 0, 0, 100]).bytes),
    ("empty SETTINGS", Frame(type: Frame.settings, stream: 0).bytes),
    ("PRIORITY", Frame(type: Frame.priority, stream: 1, payload: [0, 0, 0, 0, 1]).bytes),
    ("empty DATA", Frame(type: Frame.data, stream: 1).bytes),
    ("WINDOW_UPDATE", Frame(type: Frame.windowUpdate, stream: 1, payload: [0, 0, 0, 1]).bytes),
    ("an unknown type", Frame(type: 0xfe, stream: 0).bytes),
  ]

  @Test(arguments: floods.indices)
  func framesThatBringNothingEndTheConnection(_ index: Int) throws {
    let one = Self.floods[index]
    let waits = Handler { _ in
      try Fiber.sleep(for: .seconds(60))
      return Response("late")
    }
    try onHub {
      let client = try FrameClient(waits)
      try client.post(1)
      let hundred = [[UInt8]](repeating: one.bytes, count: 100).flatMap { $0 }
      let sent = try flood(client, most: 20_000) { _ in try client.send(hundred) }
      #expect(sent < 20_000, "\(one.what): \(sent * 100) frames")
      _ = try client.server.value(until: .after(.seconds(120)))
    }
  }

  @Test func aHeadInEndlessPiecesEndsTheConnection() throws {
    // CVE-2024-28182.
    try onHub {
      let client = try FrameClient(Handler.echo)
      try client.send(Frame.headers, Frame.endStream, 1, FieldCoding.block(FrameClient.get()))
      let piece = FieldCoding.block([("x", String(repeating: "a", count: 1_000))])
      let sent = try flood(client) { _ in try client.send(Frame.continuation, 0, 1, piece) }
      #expect(sent < 2_000, "\(sent)")
    }
  }

  @Test func aHeadThatGrowsWhenItIsUnpackedTakesNoMemory() throws {
    try onHub {
      let client = try FrameClient(Handler.echo)
      // A field of 4,000 bytes is remembered, and then named 15,000 times by a byte each: 60 MB.
      let field = [0x40] + FieldCoding.text("x") + FieldCoding.text(String(repeating: "a", count: 3_900))
      let block = FieldCoding.block(FrameClient.get()) + field
      try client.send(Frame.headers, Frame.endStream, 1, block)
      try client.send(Frame.continuation, Frame.endHeaders, 1, [UInt8](repeating: 0xbe, count: 15_000))
      let outcome = try client.outcome(of: 1)
      #expect([.reset(11), .answered(431)].contains(outcome), "\(outcome)")
      try client.request(3)
      try #expect(client.outcome(of: 3) == .answered(200))
      try client.close()
    }
  }

  /// RFC 9113, 5.1.2: one that cannot know better may ask again; for one that has acknowledged the limit it is a fault.
  @Test(arguments: [false, true])
  func noMoreRequestsThanAllowedAreInProgress(_ isAcknowledged: Bool) throws {
    var configuration = HTTPConfiguration.both
    configuration.concurrentStreams = 3
    let most = Atomic(0)
    let now = Atomic(0)
    let waits = Handler { _ in
      let count = now.add(1, ordering: .relaxed).newValue
      most.store(max(most.load(ordering: .relaxed), count), ordering: .relaxed)
      defer { now.subtract(1, ordering: .relaxed) }
      try Fiber.sleep(for: .seconds(1))
      return Response("done")
    }
    // None of them ends before all have been asked for.
    try onVirtualHub {
      let client = try FrameClient(waits, configuration: configuration)
      if isAcknowledged { try client.sync() }
      for number in 0..<5 { try client.request(UInt32(2 * number + 1)) }
      var outcomes: [FrameClient.Outcome] = []
      while outcomes.count < 5, let frame = try client.receive() {
        if let outcome = try client.note(frame) { outcomes.append(outcome) }
      }
      if isAcknowledged {
        #expect(outcomes.contains(.goAway(1)), "\(outcomes)")
      } else {
        #expect(outcomes.filter { $0 == .answered(200) }.count == 3, "\(outcomes)")
        #expect(outcomes.filter { $0 == .reset(7) }.count == 2, "\(outcomes)")
      }
      #expect(most.load(ordering: .relaxed) <= 3)
      try client.close()
    }
  }

  @Test func handlersThatDoNotEndHoldTheirPlaces() throws {
    var configuration = HTTPConfiguration.both
    configuration.concurrentStreams = 3
    let began = Atomic(0)
    let stubborn = Handler { _ in
      began.add(1, ordering: .relaxed)
      for _ in 0..<50 { try? Fiber.sleep(for: .milliseconds(10)); Fiber.yield() }
      return Response("done")
    }
    try onHub {
      let client = try FrameClient(stubborn, configuration: configuration)
      try client.sync()
      for number in 0..<30 {
        try client.request(UInt32(2 * number + 1))
        try client.sync()
        try client.send(Frame.resetStream, 0, UInt32(2 * number + 1), [0, 0, 0, 8])
      }
      try client.sync()
      client.socket.close()
      _ = try client.server.value(until: .after(.seconds(120)))
    }
  }

  @Test func aClientThatTakesNothingIsLetGo() throws {
    var configuration = HTTPConfiguration.both
    configuration.limits.writeDeadline = .seconds(3)
    let large = Handler { _ in Response([UInt8](repeating: 0, count: 1_000_000)) }
    let streamed = Handler { _ in
      Response(body: .stream(StreamedBody { for _ in 0..<100 { try $0.write([UInt8](repeating: 0, count: 10_000)) } }))
    }
    for handler in [large, streamed] {
      try onVirtualHub {
        let client = try FrameClient(handler, configuration: configuration)
        client.patience = .seconds(100)
        // The windows stay as they are: 65,535 bytes.
        try client.request(1)
        try #expect(client.outcome(of: 1) == .reset(8))
        #expect(client.answers[1]?.body.count == 65_535)
        try client.close()
      }
    }
  }

  @Test func aHeadThatDoesNotComeToItsEndEndsTheConnection() throws {
    try onVirtualHub {
      let client = try FrameClient(Handler.echo)
      client.patience = .seconds(100)
      try client.sync()
      try client.send(Frame.headers, Frame.endStream, 1, FieldCoding.block(FrameClient.get()))
      let began = Deadline.now
      let outcome = try client.outcome(of: 1)
      #expect([.goAway(11), .closed].contains(outcome), "\(outcome)")
      let waited = Deadline.now.nanoseconds - began.nanoseconds
      #expect((9_000_000_000...12_000_000_000).contains(waited), "\(waited)")
      try client.close()
    }
  }

  @Test func aBodyThatDoesNotComeIsAnswered() throws {
    try onVirtualHub {
      let client = try FrameClient(Handler.echo)
      client.patience = .seconds(100)
      try client.post(1)
      try client.data(1, [1])
      try #expect(client.answer(to: 1).status == 408)
      try client.close()
    }
  }

  @Test func aBodyIsTakenAsItIsRead() throws {
    let late = Handler { request in
      try Fiber.sleep(for: .seconds(5))
      return Response("\(try request.body.bytes().count)")
    }
    try onVirtualHub {
      let client = try FrameClient(late)
      try client.post(1)
      for _ in 0..<3 { try client.data(1, [UInt8](repeating: 0, count: 16_384)) }
      try client.data(1, [UInt8](repeating: 0, count: 16_383))
      try client.sync()
      #expect(!client.updates.contains(1), "nobody has read")
      while !client.updates.contains(1), let frame = try client.receive() { _ = try client.note(frame) }
      try client.data(1, [1, 2, 3], endsStream: true)
      try #expect(client.answer(to: 1).text == "65538")
      try client.close()
    }
  }
}
