/// On which way the request came.
extension Request {
  /// The peer's address: `127.0.0.1:40312`, `[::1]:40312` or `unix:`. Empty where nobody said. Where the connection began with
  /// a header of the PROXY protocol, what that says. See ``client`` for whom a proxy that speaks HTTP asks.
  public var remote: String { storage.origin?.remote ?? "" }

  /// The address that the peer has connected to, in the same form; empty where that is not known. Costs a system call.
  public var local: String { storage.origin?.local ?? "" }

  /// Whether nobody between the peer and this server could read the request: TLS.
  public var isEncrypted: Bool { storage.origin?.isEncrypted ?? false }

  /// The socket that the request came over, where nothing is between it and HTTP: for code that speaks over it by itself.
  package var socketDescriptor: CInt? { storage.state.pointee.origin?.socketDescriptor }

  /// What the peer and this server have agreed on, and the certificate that the peer has shown; `nil` where the way between
  /// them is not encrypted by this server.
  public var tls: TLSFacts? { storage.origin?.tls }
}
