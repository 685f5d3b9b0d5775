/// The PROXY protocol: a proxy that passes bytes on, and cannot change them, says first for whom
/// (haproxy.org/download/2.9/doc/proxy-protocol.txt).
public enum ProxyProtocol: String, Sendable, Hashable, CaseIterable {
  /// It is not spoken.
  case off
  /// Version 1, one line of text.
  case v1
  /// Version 2, binary.
  case v2
  /// Either version.
  case auto
}
