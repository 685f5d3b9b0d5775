import Foundation
import Green
import GreenHTTP
import GreenTLS
import RequestCorpus
import TestSupport

/// Servers of one worker class that say what they saw, over TCP, a Unix socket and TLS.
final class MirrorServers: @unchecked Sendable {
  enum Transport: CaseIterable { case tcp, unix, tls }

  /// How the bytes are sent.
  enum Cut: CaseIterable { case whole, bytes, pieces }

  let plain: Server
  let secure: Server
  private let certificates: Certificates
  private let path: String
  private let context: TLSContext

  init(_ arguments: [String]) throws {
    path = "/tmp/greenfinch-mirror-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).sock"
    certificates = try Certificates()
    // The library's own, where a server's are gunicorn's.
    let arguments = arguments + ["--limit-request-line", "8190"]
    plain = try Server("mirror", arguments + ["--bind", "unix:\(path)"])
    secure = try secureServer(arguments, certificates, program: "mirror")
    var client = TLSClientConfiguration()
    client.authoritiesFile = certificates.path("ca.pem")
    context = try TLSContext(client: client)
  }

  /// What comes of a case. Called in a fiber.
  func outcome(of one: RequestCase, over transport: Transport, cut: Cut, seed: UInt64) throws -> [String] {
    let (stream, close) = try connect(transport)
    defer { close() }
    // A server that refuses may end the connection before all has been sent; what it has said is there all the same.
    try? send(one.bytes, to: stream, cut, seed)
    if one.endsThere { stream.finishSending() }
    return one.outcome(of: try receiveAll(stream))
  }

  private func connect(_ transport: Transport) throws -> (any HalfClosableByteStream, () -> Void) {
    let deadline = Deadline.after(.seconds(patience))
    switch transport {
    case .tcp:
      let socket = try Socket.connect(host: "127.0.0.1", port: plain.port, until: deadline)
      return (socket, { socket.close() })
    case .unix:
      guard let address = SocketAddress(unixPath: path) else { throw Failure("not a path: \(path)") }
      let socket = try Socket.connect(to: address, until: deadline)
      return (socket, { socket.close() })
    case .tls:
      let socket = try Socket.connect(host: "127.0.0.1", port: secure.port, until: deadline)
      let stream = try TLSSocket.secure(socket, as: "localhost", context: context, until: deadline)
      return (stream, { stream.close() })
    }
  }

  private func send(_ bytes: [UInt8], to stream: any HalfClosableByteStream, _ cut: Cut, _ seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    // A megabyte byte by byte would take as long as all the rest.
    let most = bytes.count < 10_000 ? 40 : 4_000
    var rest = bytes[...]
    while !rest.isEmpty {
      let count =
        switch cut {
        case .whole: rest.count
        case .bytes where bytes.count < 10_000: 1
        default: min(rest.count, Int.random(in: 1...most, using: &random))
        }
      try rest.prefix(count).withUnsafeBytes { try stream.send($0, until: .after(.seconds(patience))) }
      rest = rest.dropFirst(count)
      Fiber.yield()
    }
  }

  private func receiveAll(_ stream: any HalfClosableByteStream) throws -> [UInt8] {
    var received: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = try room.withUnsafeMutableBytes { try stream.receive(into: $0, until: .after(.seconds(patience))) }
      if count == 0 { return received }
      received += room[..<count]
    }
  }
}
