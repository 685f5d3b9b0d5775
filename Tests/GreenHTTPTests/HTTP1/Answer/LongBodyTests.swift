import GreenHTTP
import SuiteSupport
import Testing

/// What a connection holds of a long body while it is sent: as long as its client takes its time.
@Suite(.bounded) struct LongBodyTests {
  /// Has a body made by `make` sent. Returns what was sent from where, and how many bytes there were in all.
  private func send(_ make: @escaping @Sendable () -> ResponseBody)
    -> (places: [UnsafeRawBufferPointer], count: Int)
  {
    let stream = ScriptedStream("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    HTTPConnection(stream: stream, application: Handler { _ in Response(body: make()) }).serve()
    return (stream.places, stream.sent.count)
  }

  /// How many bytes were sent from the memory of `body`, and how many from elsewhere.
  private func bytes(of places: [UnsafeRawBufferPointer], in body: [UInt8]) -> [Int] {
    body.withUnsafeBytes { body in
      let isInside = { (place: UnsafeRawBufferPointer) in
        guard let base = body.baseAddress, let start = place.baseAddress else { return false }
        return start >= base && start < base + body.count
      }
      let inside = places.filter(isInside).reduce(0) { $0 + $1.count }
      return [inside, places.reduce(0) { $0 + $1.count } - inside]
    }
  }

  @Test(arguments: [16_385, 65_536, 65_537, 1_000_000]) func aLongBodyIsSentFromWhereItLies(count: Int) {
    let body = [UInt8](repeating: 120, count: count)
    let (places, sent) = send { .bytes(body) }
    #expect(bytes(of: places, in: body) == [count, sent - count])
    #expect(sent - count < 1_000)
    #expect(sent > count)
  }

  @Test(arguments: [16_385, 65_536, 65_537, 1_000_000], [false, true])
  func aLongPieceOfAStreamIsSentFromWhereItLies(count: Int, isChunked: Bool) {
    let piece = [UInt8](repeating: 120, count: count)
    let (places, sent) = send {
      .stream(
        StreamedBody(length: isChunked ? nil : 3 * count + 100) { body in
          for _ in 0..<3 { try body.write(piece) }
          try body.write([UInt8](repeating: 121, count: 100))
        })
    }
    #expect(bytes(of: places, in: piece) == [3 * count, sent - 3 * count])
    #expect((100...1_000).contains(sent - 3 * count))
  }

  @Test(arguments: [1, 100, 5_000, 16_000]) func shortPiecesGatherInNoMoreThanOneBuffer(count: Int) {
    let piece = [UInt8](repeating: 120, count: count)
    let (places, sent) = send {
      .stream(StreamedBody { body in for _ in 0..<(200_000 / count) { try body.write(piece) } })
    }
    #expect(places.allSatisfy { $0.count <= 16_384 }, "\(places.map(\.count).max() ?? 0)")
    #expect(sent > 200_000 / count * count)
  }
}
