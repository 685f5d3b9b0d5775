internal import Glibc

/// Who asks, as far as that can be told by an address.
public enum ClientNetwork {
  /// An IPv4 address as it is, and of an IPv6 address its /64: a client has as many of those as it likes.
  public static func name(of client: String) -> String {
    guard client.utf8.contains(UInt8(ascii: ":")) else { return client }
    var address = in6_addr()
    guard inet_pton(AF_INET6, client, &address) == 1 else { return client }
    return withUnsafeBytes(of: address) { bytes in
      bytes.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
  }
}
