import CNGHTTP2
import Green
import GreenHTTP
import GreenHTTP2
import SystemPackage

/// A client of HTTP/2 that sends what it is told to, right or wrong, over a pair of sockets; the other end is served.
final class FrameClient {
  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  let socket: Socket
  /// The end that is served.
  let served: any ByteStream
  /// How long a frame is waited for.
  var patience = Duration.seconds(60)
  let server: Fiber<ServingOutcome>
  private var buffer: [UInt8] = []
  private let inflater: OpaquePointer
  /// What answers have brought so far, by their streams.
  private(set) var answers: [UInt32: Answer] = [:]
  private(set) var interim: [Int] = []
  /// What the server has said of the connection's end: the last stream, and the code.
  private(set) var goAways: [(last: UInt32, code: UInt32)] = []

  /// The server's settings, by their numbers.
  private(set) var settings: [UInt16: UInt32] = [:]
  /// The streams that the server has given more room.
  private(set) var updates: Set<UInt32> = []

  struct Answer: Equatable {
    var status = 0
    var fields: [String: String] = [:]
    var body: [UInt8] = []
    var trailers: [String: String] = [:]
    var text: String { String(decoding: body, as: UTF8.self) }
  }

  /// What becomes of a stream.
  enum Outcome: Equatable {
    case answered(Int)
    case reset(UInt32)
    /// The connection has ended, for this reason.
    case goAway(UInt32)
    case closed
  }

  /// - Parameters:
  ///   - begins: whether the client's preface is sent, with no settings of its own.
  ///   - wrap: makes of the served end what is served.
  init(
    _ application: any Application, configuration: HTTPConfiguration = .both,
    observer: (any HTTPConnectionObserver)? = nil, begins: Bool = true,
    through wrap: (Socket) -> any ByteStream = { $0 }
  ) throws {
    let (near, far) = try Socket.pair()
    socket = near
    let served = wrap(far)
    self.served = served
    server = Fiber.spawn {
      defer { far.close() }
      return HTTPConnection(
        stream: served, application: application, configuration: configuration, observer: observer
      ).serve()
    }
    var inflater: OpaquePointer?
    guard nghttp2_hd_inflate_new(&inflater) == 0, let inflater else { throw Errno.noMemory }
    self.inflater = inflater
    if begins { try send(Self.preface + Frame(type: Frame.settings, stream: 0).bytes) }
  }

  deinit { nghttp2_hd_inflate_del(inflater) }

  // MARK: Sending

  func send(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try socket.send($0) } }

  func send(_ type: UInt8, _ flags: UInt8 = 0, _ stream: UInt32, _ payload: [UInt8] = []) throws {
    try send(Frame(type: type, flags: flags, stream: stream, payload: payload).bytes)
  }

  func request(_ stream: UInt32, _ path: String = "/", _ fields: Fields = [], endsStream: Bool = true) throws {
    try head(stream, Self.get(path) + fields, endsStream: endsStream)
  }

  func post(_ stream: UInt32, _ path: String = "/", _ fields: Fields = []) throws {
    try head(
      stream, [(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "x")] + fields,
      endsStream: false)
  }

  func head(_ stream: UInt32, _ fields: Fields, endsStream: Bool = true) throws {
    try send(
      Frame.headers, Frame.endHeaders | (endsStream ? Frame.endStream : 0), stream, FieldCoding.block(fields))
  }

  func data(_ stream: UInt32, _ bytes: [UInt8], endsStream: Bool = false) throws {
    try send(Frame.data, endsStream ? Frame.endStream : 0, stream, bytes)
  }

  static func get(_ path: String = "/") -> Fields {
    [(":method", "GET"), (":scheme", "http"), (":path", path), (":authority", "x")]
  }

  // MARK: Receiving

  /// The next frame; `nil` at the end of the connection.
  func receive() throws -> Frame? {
    guard let head = try take(9) else { return nil }
    let length = head[0..<3].reduce(0) { $0 << 8 | Int($1) }
    guard let payload = try take(length) else { return nil }
    let stream = head[5..<9].reduce(0) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
    return Frame(type: head[3], flags: head[4], stream: stream, payload: payload)
  }

  private func take(_ count: Int) throws -> [UInt8]? {
    while buffer.count < count {
      var room = [UInt8](repeating: 0, count: 65_536)
      do {
        let received = try room.withUnsafeMutableBytes { try socket.receive(into: $0, until: .after(patience)) }
        if received == 0 { return nil }
        buffer += room[..<received]
      } catch Errno.connectionReset {
        return nil
      }
    }
    defer { buffer.removeFirst(count) }
    return Array(buffer[..<count])
  }

  /// Receives until a stream has come to its end, or the connection.
  func outcome(of stream: UInt32) throws -> Outcome {
    while let frame = try receive() {
      if let outcome = try note(frame), frame.stream == stream || frame.stream == 0 { return outcome }
    }
    return .closed
  }

  func answer(to stream: UInt32) throws -> Answer {
    let outcome = try outcome(of: stream)
    guard case .answered = outcome, let answer = answers[stream] else { throw Unanswered(outcome: outcome) }
    return answer
  }

  struct Unanswered: Error { let outcome: Outcome }

  /// Waits for the answer to a PING: by then what was sent before it has been taken.
  func sync() throws {
    try send(Frame.ping, 0, 0, Array("syncsync".utf8))
    while let frame = try receive() {
      if frame.type == Frame.ping && frame.flags & Frame.acknowledged != 0 { return }
      _ = try note(frame)
    }
    throw Errno.connectionReset
  }

  /// Receives until one stream has come to its end, and throws where the other has come to anything.
  func expectNothing(of other: UInt32, before stream: UInt32) throws {
    while let frame = try receive() {
      let outcome = try note(frame)
      if frame.stream == other { throw Unanswered(outcome: outcome ?? .closed) }
      if outcome != nil && frame.stream == stream { return }
    }
  }

  /// Takes account of a frame. Returns what has become of its stream, or of the connection, where that is decided.
  func note(_ frame: Frame) throws -> Outcome? {
    switch frame.type {
    case Frame.settings where frame.flags & Frame.acknowledged == 0:
      for at in stride(from: 0, to: frame.payload.count, by: 6) {
        settings[UInt16(frame.payload[at]) << 8 | UInt16(frame.payload[at + 1])] = frame.number(at: at + 2)
      }
      try? send(Frame.settings, Frame.acknowledged, 0)
    case Frame.headers: noteHead(frame)
    case Frame.data: answers[frame.stream, default: Answer()].body += frame.payload
    case Frame.resetStream: return .reset(frame.number(at: 0))
    case Frame.windowUpdate: updates.insert(frame.stream)
    case Frame.goAway:
      goAways.append((frame.number(at: 0), frame.number(at: 4)))
      return frame.number(at: 4) == 0 ? nil : .goAway(frame.number(at: 4))
    default: break
    }
    let isEnd = (frame.type == Frame.headers || frame.type == Frame.data) && frame.flags & Frame.endStream != 0
    return isEnd ? .answered(answers[frame.stream]?.status ?? 0) : nil
  }

  private func noteHead(_ frame: Frame) {
    var fields = inflate(frame.payload)
    guard let status = fields.removeValue(forKey: ":status").flatMap({ Int($0) }) else {
      answers[frame.stream, default: Answer()].trailers = fields
      return
    }
    if status < 200 { return interim.append(status) }
    answers[frame.stream, default: Answer()].status = status
    answers[frame.stream]?.fields = fields
  }

  private func inflate(_ block: [UInt8]) -> [String: String] {
    var fields: [String: String] = [:]
    var rest = block[...]
    while true {
      var field = nghttp2_nv()
      var flags: CInt = 0
      let count = rest.withUnsafeBufferPointer {
        nghttp2_hd_inflate_hd2(inflater, &field, &flags, $0.baseAddress, $0.count, 1)
      }
      guard count >= 0 else { return fields }
      rest = rest.dropFirst(count)
      if flags & CInt(NGHTTP2_HD_INFLATE_EMIT.rawValue) != 0 {
        let name = String(decoding: UnsafeBufferPointer(start: field.name, count: field.namelen), as: UTF8.self)
        fields[name] = String(decoding: UnsafeBufferPointer(start: field.value, count: field.valuelen), as: UTF8.self)
      }
      if flags & CInt(NGHTTP2_HD_INFLATE_FINAL.rawValue) != 0 {
        nghttp2_hd_inflate_end_headers(inflater)
        return fields
      }
    }
  }

  /// Ends the client's side, and waits until the server has let go of the connection.
  @discardableResult
  func close() throws -> ServingOutcome {
    socket.close()
    return try server.value(until: .after(.seconds(60)))
  }
}

extension HTTPConfiguration {
  /// HTTP/1 and HTTP/2.
  static var both: HTTPConfiguration {
    var configuration = HTTPConfiguration()
    configuration.http2 = .nghttp2
    return configuration
  }
}

/// An application that is a function.
struct Handler: Application {
  let body: @Sendable (Request) throws -> Response
  init(_ body: @escaping @Sendable (Request) throws -> Response) { self.body = body }
  func respond(to request: Request) throws -> Response { try body(request) }

  /// Reads the body and sends it back.
  static let echo = Handler { Response(try $0.body.bytes()) }
}
