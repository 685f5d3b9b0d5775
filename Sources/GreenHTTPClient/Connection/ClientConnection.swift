internal import GreenHTTP
internal import HTTPTypes

/// A connection to a server, of whatever version of HTTP, as the pool has it.
protocol ClientConnection: AnyObject, Sendable {
  /// How many requests it can have at once: 1 of HTTP/1.
  var capacity: Int { get }
  /// Whether it may take another request, as far as can be seen without asking. Neither parks nor blocks.
  var isUsable: Bool { get }
  /// Whether what goes wrong with one request leaves it as it was.
  var survivesFailures: Bool { get }
  /// Sends a request and waits for the head of its answer. Parks or blocks meanwhile.
  func exchange(_ request: OutgoingRequest, _ timing: Timing) throws -> IncomingAnswer
  /// Closes it. Any thread may do that.
  func close()
}

/// An answer whose head is there.
struct IncomingAnswer {
  let status: HTTPResponse.Status
  let version: HTTPVersion
  let fields: HTTPFields
  let content: any IncomingContent
}

/// The content of an answer on its way. Used by one fiber or thread at a time.
protocol IncomingContent: AnyObject, Sendable {
  /// Whether all of it has been read.
  var hasEnded: Bool { get }
  /// Whether all of it has been received.
  var hasLeftConnection: Bool { get }
  /// The fields after it, once it has been read to its end.
  var trailers: HTTPFields { get }
  /// Puts some of it into `memory`, which is not empty: at least one byte, or 0 once all has been read. Parks or blocks.
  func read(into memory: UnsafeMutableRawBufferPointer, _ timing: Timing) throws -> Int
  /// Says that nobody wants the rest. Neither parks nor blocks. Any thread may call it.
  func abandon()
  /// Reads what has been received of it, and forgets that. Neither parks nor blocks.
  func skipReceived()
  /// Whether the connection can have another request: all of the content has been read, and nothing is in the way.
  var leavesConnectionUsable: Bool { get }
}
