package import Green

/// What a connection begins with before it speaks HTTP: a header of the PROXY protocol.
package struct ConnectionOpening: Sendable {
  /// What HTTP can be spoken over.
  package typealias Stream = any HalfClosableByteStream & WaitableByteStream

  private let proxies: ProxyConfiguration

  /// `nil` where nothing comes before HTTP.
  package init?(_ configuration: HTTPConfiguration) {
    guard configuration.proxies.proxyProtocol != .off else { return nil }
    proxies = configuration.proxies
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
    guard proxies.proxyProtocol != .off && proxies.proxyProtocolFrom.trusts(peer: socket.peerDescription) else {
      return socket
    }
    let header: ProxyHeader
    do {
      header = try socket.receiveProxyHeader(speaking: proxies.proxyProtocol, until: deadline)
    } catch let fault as ProxyHeaderFault {
      throw ConnectionFault(fault.reason)
    }
    guard let (source, destination) = header.addresses else { return socket }
    return ProxiedStream(socket, peer: source.description, local: destination.description)
  }
}

/// Why a connection is closed that has not begun as it must. Its reason is a sentence for the log.
package struct ConnectionFault: Error, Sendable, Equatable {
  package let reason: String
  package init(_ reason: String) { self.reason = reason }
}
