internal import GreenHTTP

/// A proxy that requests go through.
struct ProxyServer: Hashable, Sendable {
  let host: String
  let port: UInt16
  /// What it is told of who asks: RFC 7617.
  let authorization: String?

  /// Reads `http://name:password@host:port`, or a part of it: `host:port`.
  ///
  /// - Throws: ``HTTPClientError/invalidURL(_:problem:)``.
  init(_ text: String) throws(HTTPClientError) {
    let url = text.firstRange(ofASCII: "://") == nil ? "http://" + text : text
    guard let start = url.firstRange(ofASCII: "://")?.upperBound else {
      throw .invalidURL(text, problem: "it has no host")
    }
    let end = url[start...].firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? url.endIndex
    let at = url[start..<end].lastIndex(of: "@")
    let hostStart = at.map { url.index(after: $0) } ?? start
    let parsed = try HTTPURL("\(url[..<start])\(url[hostStart...])")
    if parsed.isSecure || parsed.isUnix {
      throw .invalidURL(text, problem: "a proxy is reached by 'http://': what goes through it may be encrypted")
    }
    (host, port) = (parsed.host, parsed.port)
    authorization = at.flatMap { Self.basic(String(url[start..<$0])) }
  }

  private static func basic(_ credentials: String) -> String? {
    var copy = credentials
    let decoded = copy.withUTF8 { PercentEncoding.decodedLeniently(UnsafeRawBufferPointer($0)) }
    return "Basic " + Base64.encode(Array(decoded.utf8))
  }
}
