internal import Green
internal import GreenHTTP

/// The connection was lost before a byte of the answer came: the server may have closed it before it saw the request.
struct Unanswered: Error {
  let error: any Error
  /// Whether the server has said that it has not looked at the request (RFC 9113, 8.7).
  var isUnprocessed = false
}

extension Error {
  /// Whether it says that there is no connection any more, rather than that something is not as it should be, or late.
  var isLossOfConnection: Bool {
    switch self {
    case let error as HTTPClientError: error == .connectionClosed
    default: isLossOfStream
    }
  }
}
