import Green
import GreenHTTP
import GreenHTTPClient
import HTTPTypes
import TestSupport

/// An application made from a closure.
struct Handler: Application {
  let body: @Sendable (Request) throws -> Response
  init(_ body: @escaping @Sendable (Request) throws -> Response) { self.body = body }
  func respond(to request: Request) throws -> Response { try body(request) }
  func bodyLimit(for request: Request) -> Int? { 0 }

  /// Says `METHOD target` and the body.
  static let echo = Handler { Response("\($0.method) \($0.target) \(try $0.body.text())") }
}

extension HTTPConfiguration {
  /// Ends no connection for being idle: a client on another thread may be kept from going on for longer than one is waited
  /// for, and of those that are not used any more it is the client that is to know.
  static var patient: HTTPConfiguration {
    var configuration = HTTPConfiguration()
    configuration.keepAlive = .seconds(600)
    return configuration
  }
}

/// Calls `body` with the URL of a server of this library, on the calling hub.
func withServer(
  _ application: some Application, maximum: Int = .max, configuration: HTTPConfiguration = .patient,
  _ body: (String, HTTPServer) throws -> Void
) throws {
  let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
  let server = HTTPServer(
    listener, application: application, configuration: configuration, maximumConnections: maximum)
  try server.start()
  defer { _ = try? server.stop(grace: .seconds(1)) }
  try body("http://127.0.0.1:\(listener.address!.port!)", server)
}

/// Calls `body` on a hub with virtual time: what a busy machine takes for the way to a server and back is no time there.
func onTimelessHub(_ body: @escaping () throws -> Void) throws {
  try onVirtualHub(patience: .milliseconds(20), body)
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
  func send(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try socket.send($0, until: .after(.seconds(60))) } }

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
      $1 = try socket.receive(into: UnsafeMutableRawBufferPointer($0), until: .after(.seconds(60)))
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
