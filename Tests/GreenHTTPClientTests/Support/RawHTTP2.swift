import Green
import GreenHTTP
import GreenHTTP2
import GreenHTTPClient
import GreenTLS
import TestSupport

/// A server's end of a connection that speaks HTTP/2 as it likes, frame by frame (RFC 9113, 4.1).
final class RawHTTP2 {
  struct Frame {
    var type: UInt8
    var flags: UInt8
    var stream: UInt32
    var payload: [UInt8]
  }

  static let data: UInt8 = 0, headers: UInt8 = 1, reset: UInt8 = 3, settings: UInt8 = 4, push: UInt8 = 5,
    ping: UInt8 = 6
  static let goAway: UInt8 = 7, windowUpdate: UInt8 = 8, continuation: UInt8 = 9
  static let endStream: UInt8 = 1, endHeaders: UInt8 = 4
  /// `:status: 200`, of HPACK's static table.
  static let ok: [UInt8] = [0x88]

  let number: Int
  private let stream: any HalfClosableByteStream & WaitableByteStream
  private var received: [UInt8] = []
  private let deadline = Deadline.after(.seconds(120))

  init(_ stream: any HalfClosableByteStream & WaitableByteStream, _ number: Int) throws {
    (self.stream, self.number) = (stream, number)
    // The client's preface, RFC 9113, 3.4.
    while received.count < 24, try receive() {}
    received.removeFirst(24)
    try send(Self.settings, 0, 0, [])
    // The client's are accepted.
    try send(Self.settings, 1, 0, [])
  }

  /// The next frame; `nil` where the client has gone.
  func next() throws -> Frame? {
    while received.count < 9 || received.count < 9 + length { guard try receive() else { return nil } }
    let frame = Frame(
      type: received[3], flags: received[4], stream: received[5..<9].reduce(0) { $0 << 8 | UInt32($1) } & 0x7fff_ffff,
      payload: Array(received[9..<9 + length]))
    received.removeFirst(9 + length)
    return frame
  }

  private var length: Int { received[..<3].reduce(0) { $0 << 8 | Int($1) } }

  /// The stream of the next request; 0 where the client has gone.
  func request() throws -> UInt32 {
    while let frame = try next() { if frame.type == Self.headers { return frame.stream } }
    return 0
  }

  /// Waits for the client to go.
  func awaitEnd() throws { while try next() != nil {} }

  static func frame(_ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8]) -> [UInt8] {
    let count = payload.count
    return [UInt8(count >> 16), UInt8(count >> 8 & 0xff), UInt8(count & 0xff), type, flags] + bytes(stream) + payload
  }

  static func bytes(_ number: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) } }

  /// A field of HPACK that is written out, and not remembered.
  static func literal(_ name: String, _ value: String) -> [UInt8] {
    [0, UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(value.utf8.count)] + Array(value.utf8)
  }

  func send(_ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8]) throws {
    try send(Self.frame(type, flags, stream, payload))
  }

  func send(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try stream.send($0, until: deadline) } }

  /// An answer of one frame and a content of another.
  func answer(_ stream: UInt32, _ content: String) throws {
    try send(Self.headers, Self.endHeaders, stream, Self.ok)
    try send(Self.data, Self.endStream, stream, Array(content.utf8))
  }

  private func receive() throws -> Bool {
    let piece = try [UInt8](unsafeUninitializedCapacity: 65_536) {
      $1 = try stream.receive(into: UnsafeMutableRawBufferPointer($0), until: deadline)
    }
    received += piece
    return !piece.isEmpty
  }
}

/// Calls `body` with the URL of a server of HTTP/2 that does with each connection what it likes, and a client that trusts it.
func withRawHTTP2Server(
  _ script: @escaping (RawHTTP2) throws -> Void, _ body: (String, HTTPClient) throws -> Void
) throws {
  let certificates = try Certificates()
  var tls = TLSServerConfiguration(certificates: [.init(file: certificates.path("both.pem"))])
  tls.applicationProtocols = ["h2"]
  let context = try TLSContext(server: tls)
  try withRawServer({ connection in
    let stream = try context.accept(connection.socket, until: .after(.seconds(60)))
    try script(try RawHTTP2(stream, connection.number))
    stream.finishSending()
  }) { url throws in
    var trust = TLSClientConfiguration()
    trust.authoritiesFile = certificates.path("ca.pem")
    let client = HTTPClient(tls: .openSSL(trust), http2: .nghttp2)
    try body(url.replacing("http://127.0.0.1", with: "https://localhost"), client)
  }
}
