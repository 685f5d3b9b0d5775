import Green
import GreenHTTP
import GreenHTTPClient
import HTTPTypes

/// An application made from a closure.
struct Handler: Application {
  let body: @Sendable (Request) throws -> Response
  init(_ body: @escaping @Sendable (Request) throws -> Response) { self.body = body }
  func respond(to request: Request) throws -> Response { try body(request) }
  func bodyLimit(for request: Request) -> Int? { 0 }

  /// Says `METHOD target` and the body.
  static let echo = Handler { Response("\($0.method) \($0.target) \(try $0.body.text())") }
}

/// Calls `body` with the URL of a server of this library, on the calling hub.
func withServer(
  _ application: some Application, maximum: Int = .max, configuration: HTTPConfiguration = HTTPConfiguration(),
  _ body: (String, HTTPServer) throws -> Void
) throws {
  let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
  let server = HTTPServer(
    listener, application: application, configuration: configuration, maximumConnections: maximum)
  try server.start()
  defer { _ = try? server.stop(grace: .seconds(1)) }
  try body("http://127.0.0.1:\(listener.address!.port!)", server)
}

/// What a raw server does with a connection; the first is number 1.
typealias Script = (RawConnection) throws -> Void

/// Calls `body` with the URL of a server that does with each connection what it likes, on the calling hub.
func withRawServer(_ script: @escaping Script, _ body: (String) throws -> Void) throws {
  let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
  let accepting = Fiber.spawn {
    var number = 0
    while true {
      let socket = try listener.accept()
      number += 1
      let connection = RawConnection(socket, number)
      Fiber.spawn {
        defer { socket.close() }
        try? script(connection)
      }
    }
  }
  defer {
    accepting.cancel()
    listener.close()
  }
  try body("http://127.0.0.1:\(listener.address!.port!)")
}

/// A connection of a raw server.
final class RawConnection {
  let socket: Socket
  let number: Int
  private var received: [UInt8] = []

  init(_ socket: Socket, _ number: Int) { (self.socket, self.number) = (socket, number) }

  func send(_ text: String) throws { try send(Array(text.utf8)) }
  func send(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try socket.send($0, until: .after(.seconds(10))) } }

  /// Receives up to the end of a head; "" where the client has gone.
  @discardableResult func head() throws -> String {
    while true {
      let text = String(decoding: received, as: UTF8.self)
      if let end = text.firstRange(of: "\r\n\r\n") {
        received.removeFirst(text[..<end.upperBound].utf8.count)
        return String(text[..<end.upperBound])
      }
      guard try receive() else { return "" }
    }
  }

  /// Receives so many bytes.
  @discardableResult func body(_ count: Int) throws -> [UInt8] {
    while received.count < count, try receive() {}
    defer { received.removeFirst(min(count, received.count)) }
    return Array(received.prefix(count))
  }

  /// Waits for the client to go.
  func awaitEnd() throws { while try receive() {} }

  private func receive() throws -> Bool {
    let piece = try [UInt8](unsafeUninitializedCapacity: 65_536) {
      $1 = try socket.receive(into: UnsafeMutableRawBufferPointer($0), until: .after(.seconds(10)))
    }
    received += piece
    return !piece.isEmpty
  }
}

/// A client with other settings.
func client(_ change: (inout HTTPClientConfiguration) -> Void = { _ in }) -> HTTPClient {
  var configuration = HTTPClientConfiguration()
  change(&configuration)
  return HTTPClient(configuration: configuration)
}
