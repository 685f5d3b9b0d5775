internal import Green
internal import GreenHTTP

/// The connection was lost before a byte of the answer came: the server may have closed it before it saw the request.
struct Unanswered: Error {
  let error: any Error
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
