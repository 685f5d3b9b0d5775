import Green
import GreenHTTP
import GreenTLS
import TestSupport

/// A blocking client whose connection is encrypted by TLS: the handshake is made when something is first sent, or asked
/// about.
final class SecureClient: OneConnectionClient {
  private let context: TLSContext
  private let socket: Socket
  private var stream: TLSSocket?
  private var buffer: [UInt8] = []

  init(port: UInt16, context: TLSContext) throws {
    self.context = context
    socket = try Socket.connect(host: "127.0.0.1", port: port, until: .after(.seconds(patience)))
  }

  deinit {
    stream?.close()
    socket.close()
  }

  /// What clients have in common that trust the authority of these certificates.
  static func context(_ certificates: Certificates) throws -> TLSContext {
    var configuration = TLSClientConfiguration()
    configuration.authoritiesFile = certificates.path("ca.pem")
    return try TLSContext(client: configuration)
  }

  /// What the server has shown.
  func certificate() throws -> TLSFacts.Certificate? { try secured().tls?.peerCertificate }

  func send(_ bytes: [UInt8]) throws {
    let stream = try secured()
    try bytes.withUnsafeBytes { try stream.send($0, until: .after(.seconds(patience))) }
  }

  func receive() throws -> Client.Response {
    while true {
      if let answer = try Client.Response(takenFrom: &buffer) { return answer }
      guard try receiveMore() else { throw Failure("the connection ended; received: \(buffer.count) bytes") }
    }
  }

  /// Whether the server says that it has sent all, and sends nothing more before. To go without a word is an error.
  func endsInOrder() throws -> Bool { try buffer.isEmpty && !receiveMore() }

  private func secured() throws -> TLSSocket {
    if let stream { return stream }
    let made = try TLSSocket.secure(socket, as: "localhost", context: context, until: .after(.seconds(patience)))
    stream = made
    return made
  }

  private func receiveMore() throws -> Bool {
    let stream = try secured()
    var room = [UInt8](repeating: 0, count: 16_384)
    let count = try room.withUnsafeMutableBytes { try stream.receive(into: $0, until: .after(.seconds(patience))) }
    buffer += room[..<count]
    return count > 0
  }
}
