/// Looks for the head of an HTTP/1 request in received bytes (RFC 9112): how far it has come, and what it has noticed on the
/// way that decides how the message goes on. What the head says goes into a ``RequestHead``. The fields after a chunked body
/// are as those of a head.
struct HeadParser {
  /// Where the line in progress begins.
  var position = 0
  /// Up to where no LF was found.
  var scanned = 0
  /// Whether the request line has been parsed.
  var hasRequestLine = false

  /// -1 when the field is missing.
  var contentLength = -1
  var notices: Notices = []

  /// - Parameter afterRequestLine: whether there are fields only.
  init(afterRequestLine: Bool = false) { hasRequestLine = afterRequestLine }

  /// Facts about a head that decide how it is answered.
  struct Notices: OptionSet {
    let rawValue: UInt16
    static let host = Notices(rawValue: 1)
    static let transferEncoding = Notices(rawValue: 2)
    static let close = Notices(rawValue: 4)
    static let keepAlive = Notices(rawValue: 8)
    static let expectContinue = Notices(rawValue: 16)
    static let expectOther = Notices(rawValue: 32)
    /// The body's coding is `chunked` and nothing else.
    static let chunked = Notices(rawValue: 64)
    /// The body has a coding that is not known here.
    static let otherCoding = Notices(rawValue: 128)
    /// There is a field in which proxies say for whom they ask, or how they call the request.
    static let forwarding = Notices(rawValue: 256)
    /// The body's last coding is `chunked`, which tells where it ends.
    static let endsInChunked = Notices(rawValue: 512)
  }

  /// Whether the client lets the connection serve another request (RFC 9112, 9.3).
  func wantsKeepAlive(_ version: HTTPVersion) -> Bool {
    if notices.contains(.close) { return false }
    return version == .http1_1 || notices.contains(.keepAlive)
  }
}
