internal import CTLS
internal import Glibc
internal import Green
public import GreenHTTP
internal import SystemPackage

extension TLSSocket {
  /// Makes the handshake. Parks until it has been made.
  ///
  /// - Throws: `HandshakeFailure` where the peer does not keep to the rules, or is not who it should be; `Errno.timedOut`.
  func handshake(until deadline: Deadline) throws {
    // Nothing to receive, as after what a proxy has said, is no reason to say nothing: a client speaks first.
    socket.isDrained = false
    do {
      let isMade = try receiving(until: deadline) { connection, count in
        count = 1
        return ctls_connection_handshake(connection)
      }
      if isMade == 0 { throw TLSError.truncated }
      // The last words of this side, where the kernel had no room for them.
      try send(UnsafeRawBufferPointer(start: nil, count: 0), until: deadline)
    } catch let error as TLSError {
      throw HandshakeFailure(
        error == .truncated ? "the peer has gone" : error.handshakeReason,
        isPlainHTTP: exclusively { ctls_connection_is_plain_http($0) })
    } catch Errno.connectionReset, Errno.brokenPipe {
      throw HandshakeFailure("the peer has gone")
    }
    isSecured = true
  }

  /// What was agreed on in the handshake.
  public var tls: TLSFacts? { isSecured ? exclusively(Self.facts) : nil }

  private static func facts(of connection: OpaquePointer) -> TLSFacts {
    var count = 0
    let protocolName = ctls_connection_protocol(connection, &count).map {
      String(decoding: UnsafeBufferPointer(start: $0, count: count), as: UTF8.self)
    }
    return TLSFacts(
      version: ctls_connection_version(connection).map { String(cString: $0) } ?? "",
      cipher: ctls_connection_cipher(connection).map { String(cString: $0) } ?? "",
      serverName: ctls_connection_name(connection).map { String(cString: $0) }, applicationProtocol: protocolName,
      isResumed: ctls_connection_is_resumed(connection), peerCertificate: certificate(of: connection))
  }

  private static func certificate(of connection: OpaquePointer) -> TLSFacts.Certificate? {
    var (subject, issuer, serial): (CString, CString, CString) = (nil, nil, nil)
    var fingerprint = [UInt8](repeating: 0, count: 32)
    let isThere = ctls_connection_certificate(connection, &subject, &issuer, &serial, &fingerprint)
    let texts = [subject, issuer, serial]
    defer { for text in texts { free(text) } }
    guard isThere else { return nil }
    let words = texts.map { $0.map { String(cString: $0) } ?? "" }
    let digits = fingerprint.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return TLSFacts.Certificate(subject: words[0], issuer: words[1], serialNumber: words[2], fingerprint: digits)
  }
}

extension TLSError {
  fileprivate var handshakeReason: String {
    if case .violated(let reason) = self { reason } else { description }
  }
}

private typealias CString = UnsafeMutablePointer<CChar>?
