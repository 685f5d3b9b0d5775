package import Green

/// What a connection begins with before it speaks HTTP: a header of the PROXY protocol, the handshake of TLS.
package final class ConnectionOpening: Sendable {
  /// What HTTP can be spoken over.
  package typealias Stream = any HalfClosableByteStream & WaitableByteStream

  private let proxies: ProxyConfiguration
  private let security: (any ConnectionSecurity)?

  /// `nil` where nothing comes before HTTP.
  package init?(_ configuration: HTTPConfiguration, security: (any ConnectionSecurity)? = nil) {
    guard configuration.proxies.proxyProtocol != .off || security != nil else { return nil }
    proxies = configuration.proxies
    self.security = security
  }

  /// Waits for the first byte, which is left where it is: a client that says nothing costs no more than one that speaks
  /// HTTP. Parks or blocks until then.
  ///
  /// - Returns: false where the client has gone, or the deadline has passed.
  /// - Throws: `Errno.canceled` after `cancelReceive()`.
  package func awaitFirstByte(of socket: Socket, until deadline: Deadline) throws -> Bool {
    try withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { try socket.peek(into: $0, until: deadline) > 0 }
  }

  /// Receives all that comes before HTTP. Parks or blocks until it is there.
  ///
  /// - Throws: ``ConnectionFault`` where something else comes; an `Errno` where the client goes, or the deadline passes.
  package func open(_ socket: Socket, until deadline: Deadline) throws -> Stream {
    let addresses = try receiveProxyHeader(socket, until: deadline)
    let stream = try encrypt(socket, until: deadline)
    guard let (source, destination) = addresses else { return stream }
    return ProxiedStream(stream, peer: source.description, local: destination.description)
  }

  private func receiveProxyHeader(_ socket: Socket, until deadline: Deadline) throws
    -> (source: SocketAddress, destination: SocketAddress)?
  {
    guard proxies.proxyProtocol != .off && proxies.proxyProtocolFrom.trusts(peer: socket.peerDescription) else {
      return nil
    }
    do {
      return try socket.receiveProxyHeader(speaking: proxies.proxyProtocol, until: deadline).addresses
    } catch let fault as ProxyHeaderFault {
      throw ConnectionFault(fault.reason)
    }
  }

  private func encrypt(_ socket: Socket, until deadline: Deadline) throws -> Stream {
    guard let security else { return socket }
    do {
      return try security.accept(socket, until: deadline)
    } catch let failure as HandshakeFailure {
      if failure.isPlainHTTP { Self.answerInClear(socket) }
      throw ConnectionFault("\(failure)")
    }
  }

  /// A client that takes the port for one of plain HTTP is told so, in plain HTTP.
  private static func answerInClear(_ socket: Socket) {
    let body = "this port speaks https only\n"
    let answer =
      "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: \(body.utf8.count)\r\n"
      + "Connection: close\r\n\r\n" + body
    answer.withBytes { _ = try? socket.sendWithoutWaiting($0) }
  }
}

/// Why a connection is closed that has not begun as it must. Its reason is a sentence for the log.
package struct ConnectionFault: Error, Sendable, Equatable {
  package let reason: String
  package init(_ reason: String) { self.reason = reason }
}
