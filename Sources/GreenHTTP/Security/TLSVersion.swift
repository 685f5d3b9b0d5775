/// A version of TLS.
public enum TLSVersion: Int, Sendable, Hashable, Comparable {
  /// RFC 5246.
  case tls1_2 = 0x0303
  /// RFC 8446.
  case tls1_3 = 0x0304

  public static func < (one: TLSVersion, other: TLSVersion) -> Bool { one.rawValue < other.rawValue }
}
