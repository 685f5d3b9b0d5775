/// A host and a port as one text, as URLs, the field `Host` and settings have them.
package enum HostAndPort {
  /// The host as it stands before a port: an IPv6 address in brackets (RFC 3986, 3.2.2).
  package static func bracketed(_ host: String) -> String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host }

  /// `example.org:80`, `127.0.0.1:80`, `[::1]:80`.
  package static func text(_ host: String, _ port: UInt16) -> String { "\(bracketed(host)):\(port)" }
}
