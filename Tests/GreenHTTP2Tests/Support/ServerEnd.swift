import Green
import GreenHTTP
import GreenHTTP2
import SystemPackage
import TestSupport
import Testing

/// The server's end of a connection, which says what it is told to.
final class ServerEnd {
  private let socket: Socket
  private var buffer: [UInt8] = []
  private var hasBegun = false

  init(_ socket: Socket) { self.socket = socket }

  func send(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try socket.send($0, until: .after(.seconds(60))) } }

  /// The head of an answer, `:status: 200` of HPACK's static table.
  func answer(_ stream: UInt32, endsStream: Bool = false) throws {
    let flags = Frame.endHeaders | (endsStream ? Frame.endStream : 0)
    try send(Frame(type: Frame.headers, flags: flags, stream: stream, payload: [0x88]).bytes)
  }

  /// Receives frames up to one that is looked for.
  func receive(until isLast: (Frame) -> Bool) throws {
    while true {
      while let frame = take() { if isLast(frame) { return } }
      var room = [UInt8](repeating: 0, count: 65_536)
      let count = try room.withUnsafeMutableBytes { try socket.receive(into: $0, until: .after(.seconds(60))) }
      if count == 0 { throw Errno.connectionReset }
      buffer += room[..<count]
    }
  }

  private func take() -> Frame? {
    if !hasBegun {
      guard buffer.count >= FrameClient.preface.count else { return nil }
      buffer.removeFirst(FrameClient.preface.count)
      hasBegun = true
    }
    guard buffer.count >= 9 else { return nil }
    let end = 9 + buffer[..<3].reduce(0) { $0 << 8 | Int($1) }
    guard buffer.count >= end else { return nil }
    defer { buffer.removeFirst(end) }
    let stream = buffer[5..<9].reduce(0) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
    return Frame(type: buffer[3], flags: buffer[4], stream: stream, payload: Array(buffer[9..<end]))
  }
}

/// Calls `body` with a client's session over a pair of sockets, whose settings both sides have accepted.
func withClientSession(
  _ body: @escaping (any HTTP2ClientSession, GatedStream, ServerEnd) throws -> Void
) throws {
  try onHub {
    let (near, far) = try Socket.pair()
    let stream = GatedStream(near)
    let service = HTTP2Provider.nghttp2.service
    let opened = service.open(stream, over: near, limits: HTTPLimits(), patience: .seconds(60))
    let session = try #require(opened)
    let server = ServerEnd(far)
    // There may be 1,024 requests at a time.
    try server.send(Frame(type: Frame.settings, stream: 0, payload: [0, 3, 0, 0, 4, 0]).bytes)
    try server.send(Frame(type: Frame.settings, flags: Frame.acknowledged, stream: 0).bytes)
    try body(session, stream, server)
    session.close {}
  }
}
