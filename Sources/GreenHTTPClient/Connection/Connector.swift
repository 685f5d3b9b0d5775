internal import Green
internal import GreenHTTP
internal import SystemPackage

/// What HTTP is spoken over.
typealias ClientStream = any HalfClosableByteStream & WaitableByteStream

/// Makes connections.
struct Connector: Sendable {
  private let configuration: HTTPClientConfiguration
  private let tls: ClientTLS?
  private let http2: (service: any HTTP2Service, tls: ClientTLS)?

  init(_ configuration: HTTPClientConfiguration, _ tls: TLSClientProvider?, _ http2: HTTP2Provider?) {
    self.configuration = configuration
    self.tls = tls.map { ClientTLS($0, offering: ["http/1.1"]) }
    // RFC 9113, 3.2: what is not encrypted begins with HTTP/1.1.
    self.http2 = tls.flatMap { tls in
      http2.map { ($0.service, ClientTLS(tls, offering: ["h2", "http/1.1"])) }
    }
  }

  /// Whether it may come to HTTP/2.
  var speaksHTTP2: Bool { http2 != nil }

  /// Whether it can connect by TLS.
  var hasTLS: Bool { tls != nil }

  /// Connects. Parks or blocks until a request can be sent.
  func connect(_ route: Route, _ timing: Timing) throws -> any ClientConnection {
    do {
      let timing = timing.limited(to: configuration.connectTimeout)
      let socket = try openSocket(route, until: timing.deadline)
      do {
        return try prepare(socket, route, timing)
      } catch {
        socket.close()
        throw error
      }
    } catch let error where error.isTimeout {
      throw HTTPClientError.timedOut(.connecting)
    }
  }

  private func openSocket(_ route: Route, until deadline: Deadline) throws -> Socket {
    if !route.isUnix { return try Socket.connect(host: route.host, port: route.port, until: deadline) }
    guard let address = SocketAddress(unixPath: route.host) else {
      throw HTTPClientError.invalidRequest("'\(route.host)' is not the path of a Unix socket: it has 1 to 107 bytes")
    }
    return try Socket.connect(to: address, until: deadline)
  }

  /// All that comes before the first request.
  private func prepare(_ socket: Socket, _ route: Route, _ timing: Timing) throws -> any ClientConnection {
    if let target = route.tunnel {
      try HTTP1Connection(socket, socket, configuration).openTunnel(to: target, route.proxyAuthorization, timing)
    }
    guard let name = route.tlsName, let tls else { return HTTP1Connection(socket, socket, configuration) }
    // Requests share a connection in fibers of one hub only.
    let security = try route.hub == nil ? tls.security() : (http2?.tls ?? tls).security()
    let stream = try security.secure(socket, as: name, until: timing.deadline)
    guard stream.tls?.applicationProtocol == "h2" else { return HTTP1Connection(stream, socket, configuration) }
    return try openHTTP2(stream, socket)
  }

  private func openHTTP2(_ stream: ClientStream, _ socket: Socket) throws -> any ClientConnection {
    let session = http2?.service.open(
      stream, over: socket, limits: configuration.headLimits, patience: configuration.progressTimeout)
    guard let session else { throw Errno.noMemory }
    return HTTP2Connection(session, stream, socket)
  }
}

extension Error {
  fileprivate var isTimeout: Bool {
    switch self {
    case let error as Errno: error == .timedOut
    case let error as ConnectError: error.isTimedOut
    case let error as HTTPClientError: if case .timedOut = error { true } else { false }
    default: false
    }
  }
}
