/// On which way the request came.
extension Request {
  /// The peer's address: `127.0.0.1:40312`, `[::1]:40312` or `unix:`. Empty where nobody said.
  public var remote: String { storage.state.pointee.origin?.remote ?? "" }

  /// The address that the peer has connected to, in the same form; empty where that is not known. Costs a system call.
  public var local: String { storage.state.pointee.origin?.local ?? "" }

  /// Whether nobody between the peer and this server could read the request: TLS.
  public var isEncrypted: Bool { storage.state.pointee.origin?.isEncrypted ?? false }

  /// The scheme of the request's URI: `https` where the way to this server was encrypted, else `http` (RFC 9110, 4.2).
  public var scheme: String { isEncrypted ? "https" : "http" }
}
