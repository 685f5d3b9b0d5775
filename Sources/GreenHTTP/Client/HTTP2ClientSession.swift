package import Green
package import HTTPTypes

/// A connection to a server in HTTP/2 (RFC 9113), as the module that speaks it gives it to clients. It belongs to the
/// hub on which it was opened, and is used in fibers of it alone.
package protocol HTTP2ClientSession: AnyObject {
  /// Whether the calling thread runs the hub that it belongs to. Any thread may ask.
  var isHere: Bool { get }
  /// Whether it can have another request. Neither parks nor blocks.
  var isUsable: Bool { get }
  /// Begins a request. Neither parks nor blocks.
  ///
  /// - Parameter hasBody: whether ``HTTP2ClientStream/end(_:)`` will be called.
  /// - Throws: ``HTTP2StreamFault``.
  func begin(_ request: HTTPRequest, hasBody: Bool) throws -> any HTTP2ClientStream
  /// Ends it, and all requests on it, and calls `closed` after that. Neither parks nor blocks. Any thread may call it.
  func close(then closed: @escaping @Sendable () -> Void)
}

/// One request of a connection in HTTP/2, and its answer. Each call throws ``HTTP2StreamFault``, and `Errno.timedOut`
/// at the deadline.
package protocol HTTP2ClientStream: AnyObject {
  /// Sends some of the body; parks while the server has no room for it.
  func write(_ piece: UnsafeRawBufferPointer, until deadline: Deadline) throws
  /// Ends the body, with the fields that follow it.
  func end(_ trailers: HTTPFields) throws
  /// The next head, of an interim answer or of the answer. Parks until it is there.
  func head(until deadline: Deadline) throws -> HTTPResponse
  /// Whether ``head(until:)`` would not park.
  var hasHead: Bool { get }
  /// Puts some of the content into `memory`, which is not empty: at least one byte, or 0 once all has been read. Parks until
  /// then.
  func read(into memory: UnsafeMutableRawBufferPointer, until deadline: Deadline) throws -> Int
  /// Whether all of the content has been read.
  var hasEnded: Bool { get }
  /// The fields after the content, once it has been read.
  var trailers: HTTPFields { get }
  /// Gives the request up: RFC 9113, 5.4.2. Neither parks nor blocks. Any thread may call it.
  func cancel()
}

/// Why a request in HTTP/2 came to nothing.
package enum HTTP2StreamFault: Error {
  /// The server has not looked at it (RFC 9113, 8.7).
  case refused
  /// The connection is lost: what the stream said, if anything.
  case lost((any Error)?)
  /// The answer breaks a rule, or the server has ended it. One sentence.
  case broken(String)
}
