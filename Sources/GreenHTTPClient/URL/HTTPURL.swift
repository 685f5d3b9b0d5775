internal import Green
internal import GreenHTTP

/// The URL of what is asked for (RFC 9110, 4.2), taken apart. Parsed strictly: what differs between parsers lets a check and a
/// request mean different hosts.
struct HTTPURL: Hashable {
  var isSecure: Bool
  /// In lower case, an IPv6 address without its brackets. Of a Unix socket, its path.
  var host: String
  var port: UInt16
  var isUnix: Bool
  /// Path and query, as a request line has them.
  var target: String

  /// - Throws: ``HTTPClientError/invalidURL(_:problem:)``.
  init(_ text: String) throws(HTTPClientError) {
    do {
      try self.init(parsing: text)
    } catch {
      throw .invalidURL(text, problem: error.problem)
    }
  }

  struct Fault: Error {
    let problem: String
    init(_ problem: String) { self.problem = problem }
  }

  init(parsing text: String) throws(Fault) {
    try Self.checkCharacters(text)
    let text = String(decoding: text.utf8.prefix { $0 != UInt8(ascii: "#") }, as: UTF8.self)
    guard let mark = text.firstRange(ofASCII: "://") else { throw Fault("it must begin with 'http://' or 'https://'") }
    let scheme = text[..<mark.lowerBound].lowercased()
    guard ["http", "https", "http+unix"].contains(scheme) else {
      throw Fault("it must begin with 'http://', 'https://' or 'http+unix://'")
    }
    (isSecure, isUnix) = (scheme == "https", scheme == "http+unix")
    let rest = text[mark.upperBound...]
    let end = rest.utf8.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
    (host, port) = try Self.authority(rest[..<end], isUnix: isUnix, standard: isSecure ? 443 : 80)
    target = try Self.target(rest[end...])
  }

  /// The value of `Host`.
  var authority: String {
    if isUnix { return "localhost" }
    return port == (isSecure ? 443 : 80) ? HostAndPort.bracketed(host) : hostAndPort
  }

  /// As `CONNECT` has it.
  var hostAndPort: String { HostAndPort.text(host, port) }

  /// As text, without a fragment.
  var text: String {
    if isUnix { return "http+unix://\(URLEncoding.encoded(host))\(target)" }
    return (isSecure ? "https://" : "http://") + authority + target
  }

  /// Whether what belongs to one may be told to the other: scheme, host and port (RFC 6454).
  func hasOrigin(of other: HTTPURL) -> Bool {
    isSecure == other.isSecure && isUnix == other.isUnix && host == other.host && port == other.port
  }

  // MARK: Parts

  private static func checkCharacters(_ text: String) throws(Fault) {
    for byte in text.utf8 where byte <= 0x20 || byte >= 0x7f {
      throw Fault(
        byte >= 0x80
          ? "letters beyond ASCII must be percent-encoded, and in a host written as 'xn--…' (RFC 5891)"
          : "spaces and control characters must be percent-encoded")
    }
  }

  private static func authority(
    _ text: Substring, isUnix: Bool, standard: UInt16
  ) throws(Fault) -> (host: String, port: UInt16) {
    if text.isEmpty { throw Fault("it has no host") }
    if text.utf8.contains(UInt8(ascii: "@")) {
      throw Fault("a name and a password belong into the field 'Authorization'")
    }
    if isUnix { return (try socketPath(text), 0) }
    var copy = String(text)
    let isWellFormed = copy.withUTF8 { bytes in Authority.isWellFormed(bytes.baseAddress!, count: bytes.count) }
    guard isWellFormed, !text.utf8.contains(UInt8(ascii: "%")) else {
      throw Fault("'\(text)' is not a host with an optional port")
    }
    if text.hasPrefix("["), let close = text.firstIndex(of: "]") {
      let port = text[text.index(after: close)...].dropFirst()
      return (text[..<close].dropFirst().lowercased(), UInt16(port) ?? standard)
    }
    let parts = text.split(separator: ":", maxSplits: 1)
    return (parts[0].lowercased(), parts.count == 2 ? UInt16(parts[1]) ?? standard : standard)
  }

  private static func socketPath(_ text: Substring) throws(Fault) -> String {
    var copy = String(text)
    guard let path = copy.withUTF8({ PercentEncoding.decoded(UnsafeRawBufferPointer($0)) }), !path.utf8.contains(0)
    else {
      throw Fault("the path of the Unix socket is not percent-encoded text")
    }
    return path
  }

  private static func target(_ text: Substring) throws(Fault) -> String {
    var digits = 0
    for byte in text.utf8 {
      if digits > 0 {
        guard isHexadecimal(byte) else { break }
        digits -= 1
      } else if byte == UInt8(ascii: "%") {
        digits = 2
      } else if !mayStand(byte) {
        throw Fault("'\(Unicode.Scalar(byte))' must be percent-encoded, as \(URLEncoding.escape(byte))")
      }
    }
    if digits > 0 { throw Fault("a '%' is not followed by two hexadecimal digits") }
    return text.hasPrefix("/") ? String(text) : "/" + text
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 6 }

  /// What a path or a query may hold as it is: RFC 3986, 3.3 and 3.4; and brackets, which forms have in their names and no client
  /// escapes.
  static func mayStand(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
    default: "-._~!$&'()*+,;=:@/?[]".utf8.contains(byte)
    }
  }
}

extension String {
  /// Where an ASCII text is in it first.
  func firstRange(ofASCII wanted: String) -> Range<String.Index>? {
    let bytes = Array(wanted.utf8)
    var index = utf8.startIndex
    while index < utf8.endIndex {
      if utf8[index...].starts(with: bytes) { return index..<utf8.index(index, offsetBy: bytes.count) }
      index = utf8.index(after: index)
    }
    return nil
  }
}
