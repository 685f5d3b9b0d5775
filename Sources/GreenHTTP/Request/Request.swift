public import HTTPTypes

/// A request, as a handler sees it.
///
/// It is a reference to the bytes that came: what is asked for is decoded then, and nothing else. Reading one header
/// out of twenty costs a comparison of twenty names, and no copy of the nineteen.
///
/// A request may be kept after its handler has returned; all but an unread body stays readable. It may be handed to other
/// fibers, tasks and threads: its head does not change, the values of its keys lie behind a lock, and its body has one reader
/// at a time.
public struct Request: Sendable {
  package let storage: RequestStorage

  package init(_ storage: RequestStorage) { self.storage = storage }

  /// The method. Costs nothing for the registered ones.
  public var method: HTTPRequest.Method {
    let state = storage.state
    if let method = state.pointee.head.method.method { return method }
    // The parser let only tokens through, so that there is a method of every name.
    return HTTPRequest.Method(storage.text(state.pointee.head.start, state.pointee.head.methodLength)) ?? .get
  }

  /// The request target as sent: `/search?q=a%20b`, `http://example.org/search`, or `*`.
  public var target: String {
    storage.text(storage.state.pointee.head.target, storage.state.pointee.head.targetLength)
  }

  /// The path as sent, percent-encoded, without query: what routing goes by. `/` when an absolute target has none.
  public var rawPath: String { String(decoding: rawPathBytes, as: UTF8.self) }

  /// The path, percent-decoded: for people and logs. `%2F` looks like a slash here; to tell them apart, use path
  /// parameters or ``rawPath``. A malformed escape stays as it is, what is not UTF-8 becomes U+FFFD.
  public var path: String { PercentEncoding.decodedLeniently(rawPathBytes) }

  /// The query as sent, without `?`; `nil` when there is no `?`. See ``query`` for its fields.
  public var rawQuery: String? {
    let length = storage.state.pointee.head.queryLength
    return length < 0 ? nil : storage.text(storage.state.pointee.head.query, length)
  }

  /// The host the request is for: that of an absolute target, which goes before the field (RFC 9112, 3.2.2), else
  /// `Host`; `nil` when an HTTP/1.0 client sent neither.
  public var authority: String? {
    let length = storage.state.pointee.head.authorityLength
    if length >= 0 { return storage.text(storage.state.pointee.head.authority, length) }
    // HTTPTypes knows Host as a part of the request only, and has no name for it.
    let host: StaticString = "host"
    return value(of: UnsafeBufferPointer(start: host.utf8Start, count: host.utf8CodeUnitCount), separator: ", ")
  }

  /// The version.
  public var version: HTTPVersion { storage.state.pointee.head.version }

  /// The body. Nothing of it is read before it is asked for.
  public var body: RequestBody { RequestBody(storage: storage) }

  /// The fields after a chunked body (RFC 9110, 6.5), which are there once it has been read to its end: empty before, and
  /// where there are none. Those that decide how a message is framed, routed or decoded are refused.
  public var trailers: HTTPFields { (try? storage.reading { storage.state.pointee.body.trailers }) ?? [:] }
}

extension Request {
  /// How deeply a JSON body may be nested: ``HTTPLimits/jsonDepth``.
  package var jsonDepth: Int {
    storage.origin?.jsonDepth ?? HTTPLimits().jsonDepth
  }

  /// The request line, as far as it is known: for logs.
  package var line: String {
    let start = "\(method.rawValue) \(target)"
    return version == .unknown ? start : "\(start) \(version)"
  }

  /// Method and target as sent, for whoever wants to show what is being done. Valid as long as the request is.
  package var lineBytes: UnsafeRawBufferPointer {
    let state = storage.state
    return storage.bytes(
      state.pointee.head.start,
      state.pointee.head.target + state.pointee.head.targetLength - state.pointee.head.start)
  }

  /// The method as one byte, for routing.
  package var knownMethod: KnownMethod { storage.state.pointee.head.method }

  /// The path as sent. Valid as long as the request is.
  package var rawPathBytes: UnsafeRawBufferPointer {
    let length = storage.state.pointee.head.pathLength
    guard length > 0 else {
      let slash: StaticString = "/"
      return UnsafeRawBufferPointer(start: slash.utf8Start, count: 1)
    }
    return storage.bytes(storage.state.pointee.head.path, length)
  }
}
