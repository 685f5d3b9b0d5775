package import Green

/// What speaks HTTP/2, for a server or a client: `.nghttp2` of the module `GreenHTTP2`. So programs that do not ask for
/// it load no nghttp2.
public struct HTTP2Provider: Sendable {
  package let service: any HTTP2Service

  package init(_ service: some HTTP2Service) { self.service = service }
}

extension HTTP2Provider: Hashable {
  public static func == (one: HTTP2Provider, other: HTTP2Provider) -> Bool { one.id == other.id }
  public func hash(into hasher: inout Hasher) { hasher.combine(id) }
  private var id: ObjectIdentifier { ObjectIdentifier(type(of: service)) }
}

/// What serves connections in HTTP/2.
package protocol HTTP2Service: Sendable {
  /// Serves a connection until it ends; parks meanwhile. Called in a fiber.
  ///
  /// - Parameter received: what has been received already, from the client's preface on. Valid during the call only.
  func serve(
    _ stream: any ByteStream, received: UnsafeRawBufferPointer, application: any Application,
    configuration: HTTPConfiguration, observer: (any HTTPConnectionObserver)?
  ) -> ServingOutcome

  /// Begins to speak to a server, on the calling hub. Neither parks nor blocks.
  ///
  /// - Parameters:
  ///   - socket: what is below the stream.
  ///   - limits: of heads.
  ///   - patience: how long the server may take nothing of what is sent.
  /// - Returns: `nil` where there is no memory.
  func open(_ stream: any ByteStream, over socket: Socket, limits: HTTPLimits, patience: Duration) -> (
    any HTTP2ClientSession
  )?
}

/// The client's connection preface of HTTP/2: RFC 9113, 3.4. No request of HTTP/1 begins with its method.
enum HTTP2Preface {
  /// Its first line.
  static var line: StaticString { "PRI * HTTP/2.0\r\n" }

  /// Whether the bytes begin as the preface does.
  static func begins(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let base = UnsafeRawPointer(bytes.baseAddress), bytes.count >= line.utf8CodeUnitCount else { return false }
    return matches(base, line)
  }
}
