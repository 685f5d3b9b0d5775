/// A request head as offsets into the caller's bytes, and how far its parsing has come.
///
/// All offsets count from the first byte given to ``parse(_:limits:)``.
struct RequestHead: ~Copyable {
  // How far the parser has come: see parse(_:limits:).
  /// Where the line in progress begins.
  var position = 0
  /// Up to where no LF was found.
  var scanned = 0
  /// Whether the request line has been parsed.
  var hasRequestLine = false

  // The request line.
  /// Where the method begins: after empty lines.
  var start = 0
  var methodLength = 0
  var target = 0
  var targetLength = 0
  /// The path of the target, still percent-encoded.
  var path = 0
  var pathLength = 0
  /// The query without its `?`; a length of -1 when there is none.
  var query = 0
  var queryLength = -1
  /// The authority of a target in absolute form; a length of -1 in other forms.
  var authority = 0
  var authorityLength = -1
  var method = KnownMethod.other
  var version = HTTPVersion.http1_1

  var fields = FieldTable()

  // What the fields say about the message as a whole, noticed on the way.
  /// -1 when the field is missing.
  var contentLength = -1
  var notices: Notices = []

  /// Facts about a head that decide how it is answered.
  struct Notices: OptionSet {
    let rawValue: UInt16
    static let host = Notices(rawValue: 1)
    static let transferEncoding = Notices(rawValue: 2)
    static let close = Notices(rawValue: 4)
    static let keepAlive = Notices(rawValue: 8)
    static let expectContinue = Notices(rawValue: 16)
    static let expectOther = Notices(rawValue: 32)
  }

  /// Whether the client lets the connection serve another request (RFC 9112, 9.3).
  var wantsKeepAlive: Bool {
    if notices.contains(.close) { return false }
    return version == .http1_1 || notices.contains(.keepAlive)
  }

  /// Forgets the head, keeps the memory.
  @inline(__always)
  mutating func reset() {
    position = 0
    scanned = 0
    hasRequestLine = false
    queryLength = -1
    authorityLength = -1
    contentLength = -1
    notices = []
    fields.removeAll()
  }
}
